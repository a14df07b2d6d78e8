/** Judges each item of each chain, and writes it whole or not at all. Answers one letter per item: c, committed; s, stale;
 *  l, another process holds the lock of one of its threads. */
export const COMMIT: string = String.raw`
local token, isRepeated, channel, instance = arg(), arg() == '1', arg(), arg()

local function readItem()
  local item = {}
  for i = 1, number() do
    local part = { thread = arg(), base = number(), last = arg(), proof = number(), given = {} }
    part.origin, part.originVersion = arg(), number()
    for j = 1, number() do part.given[j] = arg() end
    part.operations = {}
    for j = 1, number() do part.operations[j] = { name = arg(), version = arg(), done = arg() } end
    local length = number()
    part.from, part.to = at, at + length
    at = part.to
    item[i] = part
  end
  return item
end

local function versionOf(thread)
  local version, isOver = headOf(thread)
  if isOver and not version then reap(thread) end
  if version then return version end
  return tonumber(call('HGET', key('h', thread), 'v') or 0)
end

local function isTaken(id)
  local owner = call('HGET', P .. 'ids', id)
  if not owner then return false end
  versionOf(owner:match('^%a%d+ (.*)$'))
  return call('HEXISTS', P .. 'ids', id) == 1
end

local function isOperationDone(operation)
  local done = call('HGET', P .. 'ops', operation)
  if not done then return false end
  versionOf((halves(done)))
  return call('HEXISTS', P .. 'ops', operation) == 1
end

local function judge(item)
  local given, operations = {}, {}
  for _, part in ipairs(item) do
    local lock = call('GET', key('x', part.thread))
    if lock and lock ~= token then return 'l' end
    if versionOf(part.thread) ~= part.base then return 's' end
    -- What a fork would include may be gone.
    local oldest = part.origin ~= '' and call('HGET', key('h', part.origin), 'tv')
    if oldest and tonumber(oldest) > part.originVersion then return 's' end
    for _, id in ipairs(part.given) do
      if given[id] or isTaken(id) then return 's' end
      given[id] = true
    end
    for _, operation in ipairs(part.operations) do
      if operations[operation.name] or isOperationDone(operation.name) then return 's' end
      operations[operation.name] = true
    end
  end
  return 'c'
end

-- Whether the item was written when the script ran before and its answer was lost.
local function isDone(item)
  for _, part in ipairs(item) do
    local entry = ARGV[part.from + part.proof]
    if call('HGET', key('l', part.thread), part.last) ~= entry
      and call('HGET', key('h', part.thread), 'pe') ~= entry then return false end
  end
  return true
end

local function carryOut(part)
  at = part.from
  while at < part.to do write[arg()](part.thread) end
  for _, operation in ipairs(part.operations) do
    if call('HGET', key('h', part.thread), 'z') ~= '1' then
      call('HSET', P .. 'ops', operation.name, pair(part.thread, operation.done))
      call('ZADD', key('k', part.thread), operation.version, operation.name)
    end
  end
  prolong(part.thread)
end

local answers, isWritten = {}, false
for chain = 1, number() do
  local results, verdict = {}, 'c'
  for i = 1, number() do
    local item = readItem()
    local behind = at
    if verdict == 'c' and not (isRepeated and isDone(item)) then
      verdict = judge(item)
      if verdict == 'c' then
        for _, part in ipairs(item) do carryOut(part) end
        isWritten = true
      end
    end
    at = behind
    results[i] = verdict
  end
  answers[chain] = table.concat(results)
end
if isWritten then
  reapDue(2)
  -- Where channels are forbidden, others learn of the commit by looking.
  redis.pcall('PUBLISH', channel, instance)
end
return answers
`;
