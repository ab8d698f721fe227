include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(package_dir ${CMAKE_INSTALL_DATADIR}/cmake/latchwork)

install(DIRECTORY include/latchwork DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(TARGETS latchwork EXPORT latchwork_targets)
install(EXPORT latchwork_targets NAMESPACE latchwork:: FILE latchwork-targets.cmake DESTINATION ${package_dir})

configure_package_config_file(cmake/latchwork-config.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/latchwork-config.cmake
    INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/latchwork-config-version.cmake
    COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/latchwork-config.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/latchwork-config-version.cmake
        DESTINATION ${package_dir})

configure_file(cmake/latchwork.pc.in ${CMAKE_CURRENT_BINARY_DIR}/latchwork.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/latchwork.pc DESTINATION ${CMAKE_INSTALL_DATADIR}/pkgconfig)
