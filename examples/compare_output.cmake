# Runs PROGRAM, in the EMULATOR if there is one, and fails unless it ends well and prints exactly what stands in
# the file EXPECTED.
execute_process(COMMAND ${EMULATOR} ${PROGRAM} OUTPUT_VARIABLE printed ERROR_VARIABLE complaint RESULT_VARIABLE status)
if(NOT EXISTS ${EXPECTED})
    message(FATAL_ERROR "${EXPECTED} is missing; the program prints:\n${printed}")
endif()
file(READ ${EXPECTED} expected)
if(NOT status EQUAL 0)
    message(FATAL_ERROR "${PROGRAM} ended with ${status}:\n${printed}${complaint}")
elseif(NOT printed STREQUAL expected)
    message(FATAL_ERROR "${PROGRAM} printed\n${printed}instead of\n${expected}")
endif()
