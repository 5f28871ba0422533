# `cmake --install` gives a complete tree: programs, man pages, units, completion, samples, documents.
include(GNUInstallDirs)
set(programs channeld channel-agent channelctl channel-sim channel-bench)
set(etc ${CMAKE_INSTALL_SYSCONFDIR})
if(CMAKE_INSTALL_PREFIX STREQUAL "/usr")
  set(etc ${CMAKE_INSTALL_FULL_SYSCONFDIR})
endif()
install(TARGETS ${programs} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES etc/channeld.conf etc/accounts.yaml DESTINATION ${etc}/channeld)
install(DIRECTORY etc/mappings DESTINATION ${etc}/channeld)
install(FILES etc/completion/channelctl DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES README.md README.zh-CN.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN "*.md" PATTERN "*.py" PATTERN man EXCLUDE)

# The units name the programs and the configuration where they are put.
foreach(unit channeld channel-agent)
  set(source ${CMAKE_SOURCE_DIR}/etc/systemd/${unit}.service)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source})
  file(READ ${source} text)
  string(REPLACE "/usr/bin/" "${CMAKE_INSTALL_FULL_BINDIR}/" text "${text}")
  string(REPLACE "/etc/channeld/" "${CMAKE_INSTALL_FULL_SYSCONFDIR}/channeld/" text "${text}")
  file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/systemd/${unit}.service CONTENT "${text}")
  install(FILES ${CMAKE_BINARY_DIR}/systemd/${unit}.service DESTINATION lib/systemd/system)
endforeach()

# Man pages: what the programs say of themselves stands in them (tools/man.sh), so they are made by running them.
find_program(SCDOC scdoc)
if(SCDOC AND NOT FUZZ)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/docs/man/*.scd)
  set(pages)
  foreach(source ${sources})
    get_filename_component(page ${source} NAME_WLE)
    string(REGEX MATCH "[0-9]$" section ${page})
    list(APPEND pages ${CMAKE_BINARY_DIR}/man/${page})
    install(FILES ${CMAKE_BINARY_DIR}/man/${page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
  endforeach()
  add_custom_command(OUTPUT ${pages}
    COMMAND ${CMAKE_SOURCE_DIR}/tools/man.sh ${CMAKE_RUNTIME_OUTPUT_DIRECTORY} ${CMAKE_BINARY_DIR}/man
    DEPENDS ${sources} ${CMAKE_SOURCE_DIR}/tools/man.sh ${programs}
    COMMENT "man pages" VERBATIM)
  add_custom_target(man ALL DEPENDS ${pages})
endif()
