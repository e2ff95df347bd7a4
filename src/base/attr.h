/* attr.h -- compiler attributes under one spelling (gcc and clang, C17). */
#pragma once

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define FORMAT_ARG(n) __attribute__((format_arg(n)))
#define NORETURN __attribute__((noreturn))
#define UNUSED __attribute__((unused))
#define AUTO(done) __attribute__((cleanup(done)))
