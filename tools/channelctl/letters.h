/* letters — enrolling many partners at once, a printable letter each. */
#ifndef CHANNELCTL_LETTERS_H
#define CHANNELCTL_LETTERS_H

#include "tools/channelctl/client.h"

MUST_USE bool client_letters(client *c, err *e);

#endif
