# One static library a room; a room links only the rooms above it, so an upward call fails to link.
find_package(PkgConfig REQUIRED)
foreach(lib libzmq libprotobuf-c libsodium jansson libmicrohttpd gnutls yaml-0.1 smartcols libzip expat zlib libcurl)
  string(MAKE_C_IDENTIFIER ${lib} id)
  pkg_check_modules(${id} REQUIRED IMPORTED_TARGET ${lib})
endforeach()

# room(<name> <folder> LINK …): every .c in the folder (not below it)
function(room name folder)
  cmake_parse_arguments(R "" "" "LINK" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/*.c)
  if(NOT sources)
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE ${R_LINK})
    return()
  endif()
  add_library(${name} STATIC ${sources})
  target_link_libraries(${name} PUBLIC ${R_LINK})
endfunction()

# proto/*.proto → build/gen/proto/*.pb-c.[ch], compiled without our warnings
set(pb_sources)
foreach(p wire journal admin)
  set(out ${CMAKE_BINARY_DIR}/gen/proto/${p}.pb-c)
  add_custom_command(OUTPUT ${out}.c ${out}.h
    COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/gen
    COMMAND protoc-c --c_out=${CMAKE_BINARY_DIR}/gen --proto_path=${CMAKE_SOURCE_DIR} proto/${p}.proto
    DEPENDS ${CMAKE_SOURCE_DIR}/proto/${p}.proto WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} VERBATIM)
  list(APPEND pb_sources ${out}.c)
endforeach()
add_library(messages STATIC ${pb_sources})
target_compile_options(messages PRIVATE -w)
target_link_libraries(messages PUBLIC PkgConfig::libprotobuf_c)

room(base base)
room(maths maths LINK base m PkgConfig::jansson)
room(proto proto LINK base messages PkgConfig::libsodium)
room(kv kv LINK base lmdb)
room(formats formats LINK proto PkgConfig::yaml_0_1 PkgConfig::libzip PkgConfig::expat m)
room(store daemon/store LINK kv proto maths)
room(catalog daemon/catalog LINK store)
room(outbox daemon/outbox LINK catalog PkgConfig::libcurl PkgConfig::jansson)
room(ledger daemon/ledger LINK outbox)
room(rebate daemon/rebate LINK ledger formats)
room(replenish daemon/replenish LINK ledger formats)
room(trace daemon/trace LINK ledger formats m)
room(insight daemon/insight LINK ledger m)
room(journal daemon/journal LINK ledger rebate trace replenish insight)
room(command daemon/command LINK journal formats PkgConfig::jansson xlsxwriter)
room(service daemon/service LINK command web PkgConfig::libzmq PkgConfig::libmicrohttpd PkgConfig::gnutls
  PkgConfig::zlib)

# The agent but for its main, so that tests and benches link what the program runs.
file(GLOB agent_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/agent/*.c)
list(REMOVE_ITEM agent_sources ${CMAKE_SOURCE_DIR}/agent/main.c)
if(agent_sources)
  add_library(agentlib STATIC ${agent_sources})
  target_link_libraries(agentlib PUBLIC kv formats PkgConfig::libzmq PkgConfig::jansson PkgConfig::zlib xlsxwriter)
endif()
