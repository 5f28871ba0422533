# npm packages → build/gen/regions.csv, region_aliases.csv, embedded by daemon/catalog/regions.c; centres.inc, by centres.c; places.inc, by formats/region_names.c
set(regions_dir ${CMAKE_BINARY_DIR}/gen)
file(MAKE_DIRECTORY ${regions_dir})
add_custom_command(OUTPUT ${regions_dir}/regions.csv ${regions_dir}/region_aliases.csv ${regions_dir}/centres.inc
  ${regions_dir}/places.inc
  COMMAND ${CMAKE_SOURCE_DIR}/tools/regions/build.sh ${regions_dir}
  DEPENDS ${CMAKE_SOURCE_DIR}/tools/regions.mjs ${CMAKE_SOURCE_DIR}/tools/regions/build.sh
    ${CMAKE_SOURCE_DIR}/tools/regions/package-lock.json ${CMAKE_SOURCE_DIR}/tools/regions/corrections.csv
  COMMENT "regions: the built-in region tree" VERBATIM)
set_source_files_properties(${CMAKE_SOURCE_DIR}/daemon/catalog/regions.c PROPERTIES
  COMPILE_DEFINITIONS "REGIONS_CSV=\"${regions_dir}/regions.csv\";REGION_ALIASES_CSV=\"${regions_dir}/region_aliases.csv\""
  OBJECT_DEPENDS "${regions_dir}/regions.csv;${regions_dir}/region_aliases.csv")
set_source_files_properties(${CMAKE_SOURCE_DIR}/daemon/catalog/centres.c PROPERTIES
  OBJECT_DEPENDS "${regions_dir}/centres.inc")
set_source_files_properties(${CMAKE_SOURCE_DIR}/formats/region_names.c PROPERTIES
  OBJECT_DEPENDS "${regions_dir}/places.inc")
