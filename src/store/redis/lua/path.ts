/** A page of a path. Answers "end" or "more", the depth to go on from, and the messages. Looks at a bounded number of
 *  them, so that nobody else waits for long. */
export const PATH: string = String.raw`
local MOST_MESSAGES, MOST_BYTES, MOST_LOOKED_AT = 500, 4194304, 5000

local thread, segment, position = arg(), arg(), number()
local minDepth, maxDepth, isBackwards = number(), number(), arg() == 'desc'
local limit, maxBytes, taken, roles, floor = number(), number(), number(), arg(), number()
local onlyInstructions = roles ~= '*' and not roles:find('[^sd]')

local function addInstructions(positions, stretch, from, to)
  local first = #positions + 1
  local found = {}
  for place in (call('HGET', key('i', stretch.thread), stretch.number) or ''):gmatch('%d+') do
    found[#found + 1] = tonumber(place)
  end
  table.sort(found, function(a, b) if isBackwards then return a > b end return a < b end)
  for _, place in ipairs(found) do
    if place >= from and place <= to then positions[first], first = place, first + 1 end
  end
end

-- A few more than may be looked at.
local function addAll(positions, from, to)
  if isBackwards then
    for place = to, math.max(from, to - MOST_LOOKED_AT), -1 do positions[#positions + 1] = place end
  else
    for place = from, math.min(to, from + MOST_LOOKED_AT) do positions[#positions + 1] = place end
  end
end

-- Above the floor there are only instructions.
local function positionsOf(stretch, from, to)
  local positions = {}
  local above = floor - stretch.start
  if onlyInstructions then
    addInstructions(positions, stretch, from, to)
  elseif isBackwards then
    addAll(positions, math.max(from, above + 1), to)
    addInstructions(positions, stretch, from, math.min(to, above))
  else
    addInstructions(positions, stretch, from, math.min(to, above))
    addAll(positions, math.max(from, above + 1), to)
  end
  return positions
end

local function bytesOf(home, record)
  local bytes = 0
  for version in split(record).versions:gmatch('[^,]+') do
    bytes = bytes + call('HSTRLEN', key('l', home), version .. 'a')
  end
  return bytes
end

local found = stretches(thread, segment, position, minDepth)
local answer = { 'end', '' }
local count, bytes, lookedAt = 0, 0, 0

-- False when the page is full.
local function add(home, record, depth)
  lookedAt = lookedAt + 1
  local next = isBackwards and depth - 1 or depth + 1
  if record and (roles == '*' or roles:find(record:sub(1, 1), 1, true)) then
    local size = bytesOf(home, record)
    if maxBytes >= 0 and taken + count > 0 and bytes + size > maxBytes then return false end
    count, bytes = count + 1, bytes + size
    answer[#answer + 1] = raw(home, record)
    if count == limit then return false end
  end
  if count >= MOST_MESSAGES or bytes >= MOST_BYTES or lookedAt >= MOST_LOOKED_AT then
    answer[1], answer[2] = 'more', int(next)
    return false
  end
  return true
end

local function read(stretch)
  local from = math.max(1, minDepth - stretch.start + 1)
  local to = math.min(stretch.position, maxDepth - stretch.start + 1)
  local positions = positionsOf(stretch, from, to)
  for first = 1, #positions, 100 do
    local fields, last = {}, math.min(first + 99, #positions)
    for i = first, last do fields[#fields + 1] = 'p' .. stretch.number .. '.' .. positions[i] end
    local records = call('HMGET', key('m', stretch.thread), unpack(fields))
    for i = first, last do
      local depth = stretch.start + positions[i] - 1
      if not add(stretch.thread, records[i - first + 1], depth) then return false end
    end
  end
  return true
end

if limit ~= 0 then
  for i = 1, #found do
    if not read(found[isBackwards and i or #found - i + 1]) then break end
  end
end
answer[#answer + 1] = int(bytes)
return answer
`;
