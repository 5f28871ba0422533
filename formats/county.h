/* county — an address without its street: what stands before the first word of a street, up to the last 省 市 区 县 州 旗 盟
 * in it, else the province it begins with, else nothing. Codes and names without a street stay whole. A city or county that
 * does not lie in what stands before it (长春市梁园区) is cut off too: which of the two is right, nobody can tell. What the
 * region tree does not know (高新区) stays. */
#ifndef FORMATS_COUNTY_H
#define FORMATS_COUNTY_H

#include "base/str.h"

/** Borrowed from the address. */
str county_of(str address);

#endif
