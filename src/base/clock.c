/* clock.c -- see clock.h. Set once at the start, before threads; read by all. */
#include "base/clock.h"
#include <errno.h>
#include <time.h>

static bool is_set, is_running;
static int64_t set_ms, set_at_us;
static int32_t zone_minutes = 480;

int64_t clock_mono_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

void clock_sleep_us(int64_t us)
{
	struct timespec left = {.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};
	while (nanosleep(&left, &left) != 0 && errno == EINTR)
		;
}

int64_t clock_now_ms(void)
{
	if (is_set)
		return set_ms + (is_running ? (clock_mono_us() - set_at_us) / 1000 : 0);
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void clock_set(int64_t now_ms, bool runs)
{
	set_ms = now_ms;
	set_at_us = clock_mono_us();
	is_running = runs;
	is_set = true;
}

void clock_run_on(void)
{
	if (is_set)
		clock_set(set_ms, true);
}

void clock_unset(void)
{
	is_set = false;
}

void clock_zone_set(int32_t minutes_east)
{
	zone_minutes = minutes_east;
}

int32_t clock_zone(void)
{
	return zone_minutes;
}

int32_t clock_day_of(int64_t instant_ms)
{
	int64_t local = instant_ms + (int64_t)zone_minutes * 60000;
	int64_t day = local / 86400000;
	if (local % 86400000 < 0)
		day--;
	return (int32_t)day;
}

int32_t clock_today(void)
{
	return clock_day_of(clock_now_ms());
}
