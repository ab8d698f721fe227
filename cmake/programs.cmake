# What the project's own programs share; nothing here reaches a user of latchwork::latchwork.

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE Release)
endif()
set(CMAKE_CXX_EXTENSIONS OFF)

add_library(latchwork_program INTERFACE)
target_link_libraries(latchwork_program INTERFACE latchwork::latchwork)
target_compile_options(latchwork_program INTERFACE
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow
    $<$<BOOL:${LATCHWORK_WERROR}>:-Werror>)
target_compile_definitions(latchwork_program INTERFACE $<$<CONFIG:Debug>:_GLIBCXX_ASSERTIONS>)
if(LATCHWORK_SANITIZE)
    target_compile_options(latchwork_program INTERFACE
        -fsanitize=${LATCHWORK_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(latchwork_program INTERFACE -fsanitize=${LATCHWORK_SANITIZE})
endif()
if(LATCHWORK_LIBFUZZER)
    target_compile_options(latchwork_program INTERFACE -fsanitize=fuzzer-no-link)
endif()
