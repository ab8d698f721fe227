# Configures PROJECT afresh in BUILD with VARIABLES, builds it, and runs the program that it makes. What it
# says while it configures must not mention the library.
file(REMOVE_RECURSE ${BUILD})
string(REPLACE "|" ";" VARIABLES "${VARIABLES}")
execute_process(
    COMMAND ${CMAKE_COMMAND} -S ${PROJECT} -B ${BUILD} -G ${GENERATOR} -DCMAKE_CXX_COMPILER=${COMPILER} ${VARIABLES}
    OUTPUT_VARIABLE said ERROR_VARIABLE complaint RESULT_VARIABLE status)
if(NOT status EQUAL 0 OR complaint)
    message(FATAL_ERROR "configuring ended with ${status}:\n${said}${complaint}")
endif()
string(REGEX REPLACE "-- Build files have been written to:[^\n]*" "" said "${said}")
if(said MATCHES "[^\n]*latchwork[^\n]*")
    message(FATAL_ERROR "the library speaks while a user configures: ${CMAKE_MATCH_0}")
endif()
execute_process(COMMAND ${CMAKE_COMMAND} --build ${BUILD} OUTPUT_VARIABLE said ERROR_VARIABLE said
                RESULT_VARIABLE status)
if(NOT status EQUAL 0)
    message(FATAL_ERROR "building ended with ${status}:\n${said}")
endif()
execute_process(COMMAND ${BUILD}/program RESULT_VARIABLE status)
if(NOT status EQUAL 0)
    message(FATAL_ERROR "the program ended with ${status}")
endif()
