/** What callers were promised by a thread that came trimmed from elsewhere. */
export const WRITE_CLAIMS: string = String.raw`
function write.claim(thread)
  local id, version = arg(), arg()
  call('HSETNX', P .. 'ids', id, 'g' .. version .. ' ' .. thread)
  call('SADD', key('gt', thread), id)
end

function write.operation(thread)
  local operation, done = arg(), arg()
  call('HSET', P .. 'ops', operation, pair(thread, done))
  call('SADD', key('k', thread), operation)
end
`;

/** Ids that callers chose, of versions in a range, and operations. */
export const LIST_CLAIMS: string = String.raw`
local thread, from, to = arg(), number(), number()
local given, operations = {}, {}
local _, isPurged = headOf(thread)
if not _ or isPurged then return { given, operations } end

local names, isKnown = {}, {}
local function add(id)
  if not isKnown[id] then
    isKnown[id] = true
    names[#names + 1] = id
  end
end
for _, id in ipairs(call('SMEMBERS', key('gt', thread))) do add(id) end
for _, field in ipairs(call('HKEYS', key('m', thread))) do
  local letter = field:sub(1, 1)
  if letter == 'i' or letter == 'r' then add(field:sub(2)) end
end
for first = 1, #names, 1000 do
  local last = math.min(first + 999, #names)
  for i, owner in ipairs(call('HMGET', P .. 'ids', unpack(names, first, last))) do
    local version, of = (owner or ''):match('^g(%d+) (.*)$')
    if of == thread and tonumber(version) >= from and tonumber(version) <= to then
      given[#given + 1] = { version, names[first + i - 1] }
    end
  end
end
for _, operation in ipairs(call('SMEMBERS', key('k', thread))) do
  local done = call('HGET', P .. 'ops', operation)
  if done then
    local _, json = halves(done)
    operations[#operations + 1] = json
  end
end
return { given, operations }
`;
