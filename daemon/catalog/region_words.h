/* region_words — names of regions as text, without any table. */
#ifndef CATALOG_REGION_WORDS_H
#define CATALOG_REGION_WORDS_H

#include "base/str.h"

/** The name without 省, 市, 县 … and without the peoples in names of autonomous regions: 恩施土家族苗族自治州 → 恩施.
 * The name itself when less than two letters would be left. A piece of `name`. */
str region_short_name(str name);
/** A code of 2, 4 or 6 digits with zeros appended to 6. False: no such thing. */
bool region_code_pad(str word, char out[static 6]);
/** Would a short name that stops before `rest` only be the name of a street (南京|西路)? */
bool region_street_follows(str rest);
/** Bytes of the first letter of s (valid UTF-8, not empty). */
size_t region_letter(str s);

#endif
