-- Purpose: the layout of a deck, put before every script. A deck is one string of big-endian numbers:
--   header   slots u16 | used u16 | earliest f64: no lease ends before this time (ms), so that ended ones are looked for only
--            when one can exist
--   records  one for each slot touched so far, appended in order, so that an untouched deck is small and the string's
--            length tells the next untouched slot: payer tag (8 bytes) | lease end f64 (ms), USED once an order holds it
-- What a slot's card is worth isn't here: whoever reads Redis can't look ahead (docs/decisions/0058).
-- A lease is live while its end lies after now; a slot given back is a lease that has ended. An ended lease keeps its
-- payer's tag, so the payer finds it again until somebody else takes the slot.
-- KEYS     those of the script that follows
-- ARGV     those of the script that follows
-- Returns  nothing
local USED_AT, EARLIEST_AT, HEADER_BYTES, TAG_BYTES, RECORD_BYTES = 2, 4, 12, 8, 16
local USED = 2 ^ 53 -- later than any lease, and exact in a double
local NOBODY = '\0\0\0\0\0\0\0\0' -- holder of a slot that nobody has

-- Redis's own time, ms since the epoch
local function time_now()
  local time = redis.call('TIME')
  return time[1] * 1000 + time[2] / 1000
end

