# web/ → build/gen/web/: the screens, typechecked, bundled, gzipped; embedded by .incbin in the room service
enable_language(ASM)
set(web_dir ${CMAKE_BINARY_DIR}/gen/web)
file(GLOB_RECURSE web_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/web/src/* ${CMAKE_SOURCE_DIR}/web/static/*)
add_custom_command(OUTPUT ${web_dir}/web_files.c ${web_dir}/web_files.S
  COMMAND ${CMAKE_SOURCE_DIR}/web/build.sh ${web_dir}
  DEPENDS ${web_sources} ${CMAKE_SOURCE_DIR}/web/build.sh ${CMAKE_SOURCE_DIR}/web/build.mjs
    ${CMAKE_SOURCE_DIR}/web/package-lock.json ${CMAKE_SOURCE_DIR}/web/tsconfig.json
  COMMENT "web: the screens" VERBATIM)
add_library(web STATIC ${web_dir}/web_files.c ${web_dir}/web_files.S)
set_source_files_properties(${web_dir}/web_files.S PROPERTIES OBJECT_DEPENDS ${web_dir}/web_files.c)
