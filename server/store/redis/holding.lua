-- Purpose: what a payer holds unpaid on a date, put before the scripts that need it. One hash a payer and date, of its own so
--          that it counts over all merchants; on a Cluster it lies on another node than a deck. Its fields:
--   live          each slot held unpaid: place (deck tag, 8 bytes, and slot u16) | end f64 (ms); ended ones go when it is written
--   h<deck tag>   how long slots of the deck were held unpaid: counted from f64 | held until f64 | so far f64 (ms)
--   all           what the h fields come to, what is leased by now counted to its end (ms)
--   u<campaign>   each slot used in decks of the campaign: place | O while its order is open, P once it is paid
-- KEYS     those of the script that follows
-- ARGV     those of the script that follows
-- Returns  nothing; `hold` refuses with LIMIT_REACHED or HOLDING_LIMIT
local PLACE_BYTES, LIVE_BYTES, USE_BYTES = 10, 18, 11
local BARRED = 2 ^ 53 -- held for so long: the ledger has said that the payer may use none of the deck
local KEEP_S = 172800 -- a date and the orders that end after it

local function read_holding(key, place, campaign)
  local got = redis.call('HMGET', key, 'live', 'h' .. string.sub(place, 1, 8), 'u' .. campaign, 'all')
  return got[1] or '', got[2], got[3] or '', tonumber(got[4] or 0)
end

-- what a deck comes to by the end of what is leased
local function to_its_end(hold)
  if not hold then return 0 end
  local from, ends, so_far = struct.unpack('>ddd', hold)
  return so_far < BARRED and so_far + math.max(0, ends - from) or 0
end

local function write_holding(key, live, place, before, all, from, ends, so_far, ...)
  local hold = struct.pack('>ddd', from, ends, so_far)
  redis.call('HSET', key, 'live', live, 'h' .. string.sub(place, 1, 8), hold,
    'all', math.max(0, math.floor(all + to_its_end(hold) - to_its_end(before))), ...)
  if not before then redis.call('EXPIRE', key, KEEP_S) end -- the first of a deck, so of a new hash too
end

-- the live entries but that of the place, how many they are, and when that of the place ends
local function beside(live, place, now)
  local kept, own = {}, 0
  for at = 1, #live, LIVE_BYTES do
    local ends = struct.unpack('>d', live, at + PLACE_BYTES)
    if string.sub(live, at, at + PLACE_BYTES - 1) == place then
      own = ends
    elseif ends > now then
      kept[#kept + 1] = string.sub(live, at, at + LIVE_BYTES - 1)
    end
  end
  return table.concat(kept), #kept, own
end

-- how long the deck's slots were held by now, and until when they are
local function held_so_far(hold, now)
  if not hold then return 0, 0 end
  local from, ends, so_far = struct.unpack('>ddd', hold)
  return so_far + math.max(0, math.min(now, ends) - from), ends
end

local function spent_when_given(hold)
  local _, _, so_far = struct.unpack('>ddd', hold)
  return so_far
end

-- the uses but that of the place, and how that one stands
local function uses_beside(uses, place)
  for at = 1, #uses, USE_BYTES do
    if string.sub(uses, at, at + PLACE_BYTES - 1) == place then
      return string.sub(uses, 1, at - 1) .. string.sub(uses, at + USE_BYTES), string.sub(uses, at + PLACE_BYTES, at + PLACE_BYTES)
    end
  end
  return uses, nil
end

-- May the payer hold the place, and for how long, ms? Then it is held, anew. Else LIMIT_REACHED or HOLDING_LIMIT.
local function hold(key, place, campaign, now, ttl, max_used, max_held, most, most_in_all)
  local live, before, uses, all = read_holding(key, place, campaign)
  local kept, others, own = beside(live, place, now)
  local so_far, ends = held_so_far(before, now)
  if so_far >= BARRED or max_used and #uses / USE_BYTES >= max_used then return LIMIT_REACHED end
  if max_held and others >= max_held then return HOLDING_LIMIT end
  if most and so_far >= most or most_in_all and all >= most_in_all then
    -- What was leased in time is kept to its end, and not renewed; what an order gave back after it isn't: else opening orders
    -- and letting them go would be the way to hold for ever.
    if own <= now or most and spent_when_given(before) >= most then return HOLDING_LIMIT end
    return own - now
  end
  write_holding(key, kept .. place .. struct.pack('>d', now + ttl), place, before, all,
    now, math.max(ends, now + ttl), so_far)
  return ttl
end

-- An order has the place: it is used, and held unpaid until that is paid or closed; not for ever, should nobody say so.
local function hold_used(key, place, campaign, now, lasting)
  local live, before, uses, all = read_holding(key, place, campaign)
  local rest, state = uses_beside(uses, place)
  if state == 'P' then return end
  local kept = beside(live, place, now)
  write_holding(key, kept .. place .. struct.pack('>d', now + lasting), place, before, all,
    now, now + lasting, (held_so_far(before, now)), 'u' .. campaign, rest .. place .. 'O')
end

-- Its order closed: the place is the payer's for so long again, and what it was held for counts.
local function hold_returned(key, place, campaign, now, keep)
  local live, before, uses, all = read_holding(key, place, campaign)
  local kept = beside(live, place, now)
  if keep > 0 then kept = kept .. place .. struct.pack('>d', now + keep) end
  write_holding(key, kept, place, before, all, now, now + keep, (held_so_far(before, now)),
    'u' .. campaign, (uses_beside(uses, place)))
end

-- Its order was paid.
local function hold_paid(key, place, campaign, now)
  local live, before, uses, all = read_holding(key, place, campaign)
  write_holding(key, (beside(live, place, now)), place, before, all, now, now, 0,
    'u' .. campaign, uses_beside(uses, place) .. place .. 'P')
end

-- The payer may use none of the deck.
local function hold_barred(key, place, campaign)
  local live, before, _, all = read_holding(key, place, campaign)
  write_holding(key, live, place, before, all, 0, 0, BARRED)
end

