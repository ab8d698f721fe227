# Writes build_info.cpp; leaves it untouched when nothing changed.
set(commit unknown)
find_program(git_command git)
if(git_command)
    execute_process(COMMAND ${git_command} -C ${source_dir} describe --always --dirty --abbrev=12 --exclude=*
                    OUTPUT_VARIABLE described OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    if(described)
        set(commit ${described})
    endif()
endif()
string(STRIP "${flags}" flags)
configure_file(${CMAKE_CURRENT_LIST_DIR}/build_info.cpp.in ${output} @ONLY)
