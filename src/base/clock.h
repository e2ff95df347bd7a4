/* clock.h -- the injected clock. All code asks here; only base/clock.c asks the system.
 * Instants are milliseconds since 1970-01-01T00:00Z. City time is a fixed offset (Asia/Shanghai has had no other
 * since 1991; `init` may set another). --now sets a clock that stands still (a command) or runs on (a server). */
#pragma once
#include "base/err.h"
#include "base/str.h"
#include <stdint.h>

int64_t clock_now_ms(void);      /* wall clock, or the injected one */
int64_t clock_mono_us(void);     /* for durations only; never injected */
void clock_sleep_us(int64_t us); /* real time, whatever the clock says */
int32_t clock_today(void);       /* city date as day number, see date.h */
void clock_set(int64_t now_ms, bool runs);
void clock_run_on(void); /* a clock that was set stands no longer: it starts where it stood */
void clock_unset(void);
void clock_zone_set(int32_t minutes_east); /* default 480 */
int32_t clock_zone(void);
int32_t clock_day_of(int64_t instant_ms); /* the city's day that an instant falls on */
