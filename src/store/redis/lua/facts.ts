/** What a decision depends on, in one look. */
export const FACTS: string = String.raw`
local MOST_ANCESTORS = 50

-- The newest message with text of a person or an agent at or before a place.
local function lastText(thread, number, position)
  local looked = 0
  while thread and position > 0 and looked <= MOST_ANCESTORS do
    local record = call('HGET', key('m', thread), 'p' .. number .. '.' .. int(position))
    if record then
      looked = looked + 1
      if split(record).text == '1' then return raw(thread, record) end
    end
    position = position - 1
    if position == 0 then
      local _
      _, thread, number, position = segmentOf(thread, number)
    end
  end
  return false
end

local function isOnPath(home, segment, position, depth, on)
  local found = stretches(on.thread, on.number, on.position, depth)
  local last = found[#found]
  return last ~= nil and last.thread == home and last.number == segment
    and position <= last.position
end

local function holdersOf(home, segment, position)
  local holders, made = {}, {}
  local function add(thread)
    local version, isPurged = headOf(thread)
    if not version or isPurged then return end
    holders[#holders + 1] = thread
    made[thread] = tonumber(call('HGET', key('h', thread), 'n'))
  end
  add(home)
  if segment then
    local forks = call('ZRANGEBYSCORE', key('n', segment .. ':' .. home), position, '+inf')
    for _, fork in ipairs(forks) do add(fork) end
  end
  table.sort(holders, function(a, b) return made[a] < made[b] end)
  return holders
end

local function factOf(thread, id, on, withHolders)
  local home, field, record = find(thread, id)
  if not record then return false end
  local segment, position = placeOf(field)
  local holders = withHolders and holdersOf(home, segment, position)
  if not segment then return { raw(home, record), false, '', 0, false, false, holders } end
  local start, parent, number, place = segmentOf(home, segment)
  if position > 1 then parent, number, place = home, segment, position - 1 end
  local parentRecord = parent
    and call('HGET', key('m', parent), 'p' .. number .. '.' .. int(place)) or false
  return {
    raw(home, record),
    parentRecord and raw(parent, parentRecord),
    parentRecord and number .. ' ' .. int(place) .. ' ' .. parent or '',
    on and isOnPath(home, segment, position, start + position - 1, on) and 1 or 0,
    lastText(home, segment, position),
    parentRecord and lastText(parent, number, place),
    holders,
  }
end

local thread, messages = arg(), {}
for i = 1, number() do
  local id, withHolders, isOn = arg(), arg() == '1', arg() == '1'
  local on = isOn and { thread = arg(), number = arg(), position = number() }
  messages[i] = factOf(thread, id, on, withHolders)
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
