/* pinyin.h -- the initials of a Chinese name: 欧阳小明 -> oyxm. Letters from kMandarin (Unicode's Unihan, the build takes
 * it from Debian's unicode-data), surnames read as surnames (单 s, 解 x, 仇 q, 区 o, 尉迟 yc, 万俟 mq ...). Latin
 * letters stand for themselves in lower case; other signs are dropped. */
#pragma once
#include "base/arena.h"

str pinyin_initials(struct arena *a, str name);
/* Bytes of the surname at the head: two characters for the compound surnames in use, else one. */
size_t surname_bytes(str name);
/* As a dictionary puts them: <0, 0, >0. Signs, digits, Latin letters (small and capital alike), then Han characters by their
 * reading (syllable, then tone), of equal readings by code point; unread ones last. A character with several readings
 * stands by its first (长 by zhang). One order for both languages: for lists of labels that people look words up in. */
int pinyin_order(str a, str b);
