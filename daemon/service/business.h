/* business — what is due by entry time: the simulated clock, and the work that the business itself asks for at a
 * moment. A timer runs at its due time, in order, and its entries bear that time. */
#ifndef SERVICE_BUSINESS_H
#define SERVICE_BUSINESS_H

#include "daemon/service/service.h"

/** What COMMAND_LOOP handlers may ask of this service. Borrowed from s. */
const loop_door *business_door(service *s);
/** Run what is due by now. */
void business_turn(service *s);
/** Judge one entry's worth of documents again, whose words were learnt. */
void business_repost(service *s);

#endif
