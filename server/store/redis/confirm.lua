-- Purpose: mark a slot used by a payer, whoever leases it and even if it was never leased since the deck was loaded:
--          the ledger has given it to an order. Slots passed over on the way to it become free ones at the front.
-- KEYS[1]  the deck
-- ARGV[1]  the slot
-- ARGV[2]  the payer's tag, 8 bytes
-- Returns  DONE | NO_DECK | BAD_SLOT
local deck = redis.call('GET', KEYS[1])
if not deck then return NO_DECK end
local slots = struct.unpack('>I2', deck)
local base = HEADER_BYTES + AMOUNT_BYTES * slots
local touched = (#deck - base) / RECORD_BYTES
local slot = tonumber(ARGV[1])
if slot < 0 or slot >= slots then return BAD_SLOT end

local first, written = slot, ARGV[2] .. struct.pack('>d', USED)
if slot > touched then
  first, written = touched, string.rep(NOBODY .. struct.pack('>d', 0), slot - touched) .. written
  redis.call('SETRANGE', KEYS[1], EARLIEST_AT, struct.pack('>d', 0))
end
redis.call('SETRANGE', KEYS[1], base + first * RECORD_BYTES, written)
return DONE
