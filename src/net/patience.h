/* patience.h -- connections that never get to the point. libmicrohttpd gives a connection up when nothing comes for
 * HTTP_IDLE_MAX_S, but a byte now and then keeps it (slowloris). Here every connection has a deadline until which the next
 * head must have come whole: HTTP_HEAD_MAX_S from its beginning, HTTP_IDLE_MAX_S more after an answer. A thread of its own
 * shuts the late ones. Bodies have a rate of their own (http.c). Memory: 48 bytes a connection. */
#pragma once
#include <microhttpd.h>

struct patience;

struct patience *patience_new(void);
void patience_free(struct patience *p); /* after the daemon has stopped */

/* MHD_OPTION_NOTIFY_CONNECTION, with p as its closure. */
void patience_connection(
	void *p, struct MHD_Connection *c, void **state, enum MHD_ConnectionNotificationCode what);
void patience_asked(struct patience *p, struct MHD_Connection *c);    /* a head has come */
void patience_answered(struct patience *p, struct MHD_Connection *c); /* and its answer has gone */
