# The programs, into build/bin/. One is built when its sources exist; the rooms it may see are those it links.
# program(<name> SOURCES glob … LINK …)
function(program name)
  cmake_parse_arguments(P "" "" "SOURCES;LINK" ${ARGN})
  list(TRANSFORM P_SOURCES PREPEND ${CMAKE_SOURCE_DIR}/)
  file(GLOB sources CONFIGURE_DEPENDS ${P_SOURCES})
  if(sources)
    add_executable(${name} ${sources})
    target_link_libraries(${name} PRIVATE ${P_LINK})
  endif()
endfunction()

program(channeld SOURCES daemon/*.c LINK service)
program(channel-agent SOURCES agent/main.c LINK agentlib)
program(channelctl SOURCES tools/channelctl/*.c LINK command replenish formats PkgConfig::libzmq PkgConfig::smartcols xlsxwriter)
set_source_files_properties(${CMAKE_SOURCE_DIR}/tools/channelctl/letters.c PROPERTIES
  COMPILE_DEFINITIONS "LETTER_HTML=\"${CMAKE_SOURCE_DIR}/tools/channelctl/letter.html\""
  OBJECT_DEPENDS ${CMAKE_SOURCE_DIR}/tools/channelctl/letter.html)
program(channel-sim SOURCES tools/sim/*.c LINK formats xlsxwriter m)
program(channel-bench SOURCES tools/bench/*.c LINK command replenish agentlib formats PkgConfig::libzmq)
set_source_files_properties(${CMAKE_SOURCE_DIR}/tools/bench/plan.c PROPERTIES
  COMPILE_DEFINITIONS "PLAN_PEER=\"${CMAKE_SOURCE_DIR}/tools/bench/plan_peer.py\""
  OBJECT_DEPENDS ${CMAKE_SOURCE_DIR}/tools/bench/plan_peer.py)
