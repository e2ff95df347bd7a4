/* photo.h -- a stranger's photograph made into one of ours: decoded, turned upright, made smaller, encoded anew. What the
 * camera wrote beside the picture (place, time, device, a second picture, comments: EXIF, XMP, ICC, MPF) does not come along,
 * since only pixels do. JPEG alone: what every phone makes. By libjpeg-turbo.
 *
 * photo_make runs in a box (foreign.h: foreign_photo); tests call it directly. Limits: PHOTO_PIXELS_MAX before anything is
 * decoded; a picture that breaks off is refused. */
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

enum { PHOTO_SIDE = 1600, PHOTO_THUMB_SIDE = 320, PHOTO_PIXELS_MAX = 60000000, PHOTO_SIDE_MAX = 20000 };

struct photo {
	int width, height; /* of the picture as it is shown */
	str picture, thumb;
};
/* Longer side at most `side`, never enlarged. out_width, out_height may be NULL. RC_INVALID: no JPEG, damaged, too many pixels. */
MUST_USE enum rc photo_make(
	str jpeg, int side, int quality, struct buf *out, int *out_width, int *out_height, struct err *err);
