# Finding the peers that come as Debian packages: each is optional, and one line says how to get it.

find_program(LATCHWORK_DPKG_QUERY dpkg-query)
mark_as_advanced(LATCHWORK_DPKG_QUERY)

# latchwork_package_version(RESULT PACKAGE): "PACKAGE VERSION", or PACKAGE alone where nobody knows.
function(latchwork_package_version result package)
    set(version "")
    if(LATCHWORK_DPKG_QUERY)
        execute_process(COMMAND ${LATCHWORK_DPKG_QUERY} -W -f "\${Version}" ${package}
                        OUTPUT_VARIABLE version ERROR_QUIET)
    endif()
    string(STRIP "${package} ${version}" version)
    set(${result} "${version}" PARENT_SCOPE)
endfunction()

# latchwork_bench_header(RESULT HEADER PACKAGE): whether a peer's header is here. Looked for again as long as it is not.
function(latchwork_bench_header result header package)
    if(NOT LATCHWORK_BENCH_PEERS)
        set(${result} OFF PARENT_SCOPE)
        return()
    endif()
    find_path(LATCHWORK_PATH_OF_${result} ${header})
    mark_as_advanced(LATCHWORK_PATH_OF_${result})
    if(NOT LATCHWORK_PATH_OF_${result})
        message(STATUS "bench: no ${header}, so not measured beside it (Debian package ${package})")
        set(${result} OFF PARENT_SCOPE)
        return()
    endif()
    set(${result} ON PARENT_SCOPE)
endfunction()

# latchwork_bench_peer(PROGRAM TEMPLATE PEER PACKAGE [LIBRARY...]): a peer that a program has. Its adapter is
# bench/peers/PEER.hpp; what registers it is made from TEMPLATE, so that a peer which is not installed is absent.
function(latchwork_bench_peer program template peer package)
    latchwork_package_version(version ${package})
    latchwork_bench_peer_file(${program} ${template} ${peer})
    target_link_libraries(${program} PRIVATE ${ARGN})
endfunction()

# Likewise, of what the caller's variables say.
macro(latchwork_bench_peer_file program template peer)
    configure_file(${template} ${program}.peers/${peer}.cpp @ONLY)
    target_sources(${program} PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/${program}.peers/${peer}.cpp)
endmacro()
