/** What a decision depends on, in one look. */
export const FACTS: string = String.raw`
local MOST_ANCESTORS = 50

local MOST_PLACES = 1000

-- The newest message with text of a person or an agent at or before a place, and not above a depth.
local function lastText(thread, number, position, floor)
  local looked, places = 0, 0
  local start, parent, parentNumber, parentPosition = segmentOf(thread, number)
  while looked <= MOST_ANCESTORS and places < MOST_PLACES do
    if position == 0 then
      if not parent then return false end
      thread, number, position = parent, parentNumber, parentPosition
      start, parent, parentNumber, parentPosition = segmentOf(thread, number)
    end
    if start + position - 1 < floor then return false end
    local record = call('HGET', key('m', thread), 'p' .. number .. '.' .. int(position))
    places = places + 1
    if record then
      looked = looked + 1
      if split(record).text == '1' then return raw(thread, record) end
    end
    position = position - 1
  end
  return false
end

local function isOnPath(place, depth, on)
  local found = stretches(on.thread, on.number, on.position, depth)
  local last = found[#found]
  return last ~= nil and last.thread == place.thread and last.number == place.number
    and place.position <= last.position
end

-- Which of the floors is the deepest on the path to a place, counted from 1; 0 if none is.
local function floorOf(place, floors)
  local deepest, depth = 0, -1
  for i, floor in ipairs(floors) do
    if floor.depth > depth and isOnPath(floor, floor.depth, place) then
      deepest, depth = i, floor.depth
    end
  end
  return deepest, math.max(0, depth)
end

local function holdersOf(home, segment, position, id, role)
  local holders, made = {}, {}
  local function add(thread)
    local version, isPurged = headOf(thread)
    if not version or isPurged then return end
    holders[#holders + 1] = thread
    made[thread] = tonumber(call('HGET', key('h', thread), 'n'))
  end
  if recordOf(home, id) then add(home) end
  if segment then
    for _, fork in ipairs(forksWith(home, segment, position, role)) do add(fork) end
  end
  table.sort(holders, function(a, b) return made[a] < made[b] end)
  return holders
end

local function factOf(thread, id, on, withHolders, floors)
  local home, field, record = find(thread, id)
  if not record then return false end
  local segment, position = placeOf(field)
  local holders = withHolders and holdersOf(home, segment, position, id, record:sub(1, 1))
  if not segment then return { raw(home, record), false, '', 0, false, false, holders, 0 } end
  local start, parent, number, place = segmentOf(home, segment)
  local depth = start + position - 1
  local own = { thread = home, number = segment, position = position }
  local floor, floorDepth = floorOf(own, floors)
  if position > 1 then parent, number, place = home, segment, position - 1 end
  if depth == floorDepth then parent = nil end
  local parentRecord = parent
    and call('HGET', key('m', parent), 'p' .. number .. '.' .. int(place)) or false
  return {
    raw(home, record),
    parentRecord and raw(parent, parentRecord),
    parentRecord and number .. ' ' .. int(place) .. ' ' .. parent or '',
    on and isOnPath(own, depth, on) and 1 or 0,
    lastText(home, segment, position, floorDepth),
    parentRecord and lastText(parent, number, place, floorDepth),
    holders,
    floor,
  }
end

local thread, messages = arg(), {}
local isThere = headOf(thread) ~= nil
for i = 1, number() do
  local id, withHolders, isOn = arg(), arg() == '1', arg() == '1'
  local on = isOn and { thread = arg(), number = arg(), position = number() }
  local floors = {}
  for j = 1, number() do
    floors[j] = { thread = arg(), number = arg(), position = number(), depth = number() }
  end
  messages[i] = isThere and factOf(thread, id, on, withHolders, floors)
end
local given = {}
for i = 1, number() do
  local owner = call('HGET', P .. 'ids', arg())
  given[i] = owner and headOf(owner:match('^%a%d+ (.*)$')) and owner or false
end
local operation = arg()
local done = operation ~= '' and call('HGET', P .. 'ops', operation)
local answer = false
if done then
  local owner, value = halves(done)
  if headOf(owner) then answer = { owner, value } end
end
return { messages, given, answer }
`;
