# Configures LIBRARY alone in BUILD and installs it into an empty PREFIX, with nothing else than itself.
file(REMOVE_RECURSE ${BUILD} ${PREFIX})
execute_process(
    COMMAND ${CMAKE_COMMAND} -S ${LIBRARY} -B ${BUILD} -G ${GENERATOR} -DCMAKE_CXX_COMPILER=${COMPILER}
            -DLATCHWORK_BUILD_TOOL=OFF -DLATCHWORK_BUILD_TESTS=OFF -DLATCHWORK_BUILD_BENCH=OFF
    OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${CMAKE_COMMAND} --install ${BUILD} --prefix ${PREFIX} OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)

file(GLOB_RECURSE headers RELATIVE ${LIBRARY}/include ${LIBRARY}/include/latchwork/*)
file(GLOB_RECURSE installed RELATIVE ${PREFIX}/include ${PREFIX}/include/*)
if(NOT "${headers}" STREQUAL "${installed}")
    message(FATAL_ERROR "the headers installed are\n${installed}\ninstead of\n${headers}")
endif()
file(GLOB_RECURSE others RELATIVE ${PREFIX} ${PREFIX}/*)
list(FILTER others EXCLUDE REGEX "^include/latchwork/")
list(FILTER others EXCLUDE REGEX "^share/cmake/latchwork/latchwork-(config|config-version|targets)\\.cmake$")
list(FILTER others EXCLUDE REGEX "^share/pkgconfig/latchwork\\.pc$")
if(others)
    message(FATAL_ERROR "installed, and not expected: ${others}")
endif()
