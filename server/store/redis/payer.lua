-- Purpose: what a payer holds, told by itself: that a slot was paid, or that the payer may use none of a deck; and on a
--          Cluster, where it lies on another node than the deck, the payer's half of take, confirm and release.
-- KEYS[1]  what the payer holds (holding.lua)
-- ARGV[1]  take, confirm, paid, release or bar
-- ARGV[2]  the deck's tag, 8 bytes
-- ARGV[3]  the campaign
-- ARGV[4]  the slot
-- ARGV[5]  take, confirm, release: how long it is held, ms
-- ARGV[6]  take: how many slots of the campaign one payer may use on the date; '' for no limit
-- ARGV[7]  take: how many slots one payer may hold unpaid; '' for no limit
-- ARGV[8]  take: how long one payer may hold the deck's unpaid, ms; '' for no limit
-- ARGV[9]  take: the same of all decks of the date together
-- Returns  take: for how long it is held, ms, or what `hold` refuses with; the others: DONE
local key, verb, campaign, now = KEYS[1], ARGV[1], ARGV[3], time_now()
local place, lasting = ARGV[2] .. struct.pack('>I2', tonumber(ARGV[4])), tonumber(ARGV[5])
if verb == 'take' then
  return math.floor(hold(key, place, campaign, now, lasting, tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8]),
    tonumber(ARGV[9])))
elseif verb == 'confirm' then
  hold_used(key, place, campaign, now, lasting)
elseif verb == 'release' then
  hold_returned(key, place, campaign, now, lasting)
elseif verb == 'paid' then
  hold_paid(key, place, campaign, now)
else
  hold_barred(key, place, campaign)
end
return DONE
