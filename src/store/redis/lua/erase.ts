/** How long an upload may be read by whoever made it, and how long bytes are kept that no message refers to. */
export const BLOB_TIMES: string = String.raw`
local DAY_MS = 86400000
local UNUSED_BLOB_MS = 7 * DAY_MS
`;

/** Redaction: what a message said, wherever it stands. */
export const ERASE: string = String.raw`
-- Forgets the bytes that nobody can ask for any more; keeps a fresh upload, which a message may still refer to.
local function releaseBlob(sha)
  if call('SCARD', key('bt', sha)) > 0 then return end
  local newest = 0
  for _, uploaded in ipairs(call('HVALS', key('bu', sha))) do
    newest = math.max(newest, tonumber(uploaded))
  end
  local left = newest + DAY_MS - now()
  if left > 0 then call('PEXPIRE', key('bb', sha), int(left)) else call('UNLINK', key('bb', sha)) end
end

local function dropBlobs(thread, id)
  local blobs = call('HGET', key('b', thread), id)
  if not blobs then return end
  for sha in blobs:gmatch('%S+') do
    call('SREM', key('bt', sha), pair(thread, id))
    releaseBlob(sha)
  end
  call('HDEL', key('b', thread), id)
end

-- What a thread's head and log repeat of a message.
local function forget(thread, id)
  local quotes = call('HGET', key('q', thread), id)
  if quotes then
    for field in quotes:gmatch('%S+') do call('HDEL', key('l', thread), field) end
    call('HDEL', key('q', thread), id)
  end
  local head = key('h', thread)
  local quoted = call('HMGET', head, 'li', 'o')
  if quoted[1] == id then call('HSET', head, 'lt', '""') end
  if quoted[2] == id then call('HSET', head, 't', 'null') end
end

local function redact(thread, id)
  local home, field, record = find(thread, id)
  if not record then return end
  local message = split(record)
  if message.red == '1' then return end
  message.red, message.text = '1', '0'
  for version in message.versions:gmatch('[^,]+') do
    call('HDEL', key('l', home), version .. 'a')
  end
  call('HSET', key('m', home), field, join(message))
  call('UNLINK', key('c', pair(id, home)))
  dropBlobs(home, id)
  forget(home, id)
  forget(thread, id)
  local segment, position = placeOf(field)
  if not segment then return end
  for _, fork in ipairs(forksWith(home, segment, position, message.role)) do forget(fork, id) end
end
`;

/** Purge, of threads by command and of session threads whose time is over. */
export const PURGE: string = String.raw`
local function unlist(thread)
  local state = call('HGET', key('h', thread), 'ls')
  if not state or state == '' then return end
  call('ZREM', key('ls', state .. ':'), thread)
  for _, user in ipairs(call('SMEMBERS', key('u', thread))) do
    call('ZREM', key('ls', state .. ':' .. user), thread)
  end
  call('HSET', key('h', thread), 'ls', '')
end

local function deleteFields(hash, fields)
  for i = 1, #fields, 1000 do
    call('HDEL', hash, unpack(fields, i, math.min(i + 999, #fields)))
  end
end

-- A given id stays taken when its message is trimmed, and is free when the thread is purged.
local function dropMessage(thread, id, isGone)
  local owner = call('HGET', P .. 'ids', id)
  local letter, of = (owner or ''):match('^(%a)%d+ (.*)$')
  if of == thread and (isGone or letter == 'm') then call('HDEL', P .. 'ids', id) end
  call('ZREM', key('kv', thread), id)
  call('UNLINK', key('c', pair(id, thread)))
  dropBlobs(thread, id)
end

-- Removes the messages that no fork includes: all that are left of a thread that is gone, or those that another one was
-- trimmed of. Of the log it keeps the words of messages, and what is from a version on. Answers whether something is left.
local function sweep(thread, isGone, firstVersion)
  local messages, log = key('m', thread), key('l', thread)
  local all, records = call('HGETALL', messages), {}
  for i = 1, #all, 2 do records[all[i]] = all[i + 1] end
  local gone, words, kept, isLeft = {}, {}, {}, false
  for i = 1, #all, 2 do
    local letter, field = all[i]:sub(1, 1), all[i + 1]
    if letter == 'i' or letter == 'r' then
      local message = split(records[field])
      local segment, position = placeOf(field)
      local isWanted = not isGone and letter == 'i'
        or segment and #forksWith(thread, segment, position, message.role) > 0
      isLeft = isLeft or isWanted
      if not isWanted then
        gone[#gone + 1], gone[#gone + 2] = all[i], field
        dropMessage(thread, message.id, isGone)
      end
      for version in message.versions:gmatch('[^,]+') do
        if isWanted then
          kept[version], kept[version .. 'a'] = true, true
        else
          words[#words + 1], words[#words + 2] = version, version .. 'a'
        end
      end
    end
  end
  deleteFields(messages, gone)
  deleteFields(log, words)
  if firstVersion then
    local fields = {}
    for _, field in ipairs(call('HKEYS', log)) do
      local version = tonumber(field:match('^%d+') or 0)
      if version < firstVersion and not kept[field] then fields[#fields + 1] = field end
    end
    deleteFields(log, fields)
    for _, holder in ipairs(call('HKEYS', key('b', thread))) do
      local version = tonumber(holder:match('^@(%d+)$'))
      if version and version < firstVersion then dropBlobs(thread, holder) end
    end
  end
  return isLeft
end

-- What a thread that is gone still has for forks.
local function sweepGone(thread)
  if sweep(thread, true, math.huge) then return true end
  for _, kind in ipairs({ 'm', 'l', 'g', 'i', 'b', 'q', 'kv' }) do call('UNLINK', key(kind, thread)) end
  return false
end

-- After a fork let go of something: it may have been the last one that had it.
local function sweepOrigins(origins)
  for origin in pairs(origins) do
    local head = call('HMGET', key('h', origin), 'v', 'z', 'tv')
    if not head[1] or head[2] == '1' then sweepGone(origin)
    elseif head[3] then sweep(origin, false) end
  end
end

local function exclude(thread, name)
  local segment, origin = name:match('^(%d+) (.*)$')
  call('ZREM', key('n', segment .. ':' .. origin), thread)
  call('HDEL', key('f', thread), name)
  return origin
end

-- Given ids are free again, but for those of messages that forks still show.
local function releaseIds(thread)
  for _, id in ipairs(call('ZRANGE', key('gv', thread), 0, -1)) do
    if not anyRecordOf(thread, id) then call('HDEL', P .. 'ids', id) end
  end
  call('UNLINK', key('gv', thread))
end

-- Removes all of a thread but its head. Answers whether forks still show some of it.
local function purge(thread)
  for _, name in ipairs(call('SMEMBERS', key('w', thread))) do
    local lists = name:sub(1, 1) == 'r' and { 'rt' } or { 'ur', 'du', 'ca' }
    for _, list in ipairs(lists) do call('ZREM', P .. list, name:sub(2)) end
  end
  for _, id in ipairs(call('SMEMBERS', key('o', thread))) do
    call('UNLINK', key('c', pair(id, thread)))
  end
  for _, operation in ipairs(call('ZRANGE', key('k', thread), 0, -1)) do
    call('HDEL', P .. 'ops', operation)
  end
  for _, event in ipairs(call('SMEMBERS', key('e', thread))) do call('ZREM', P .. 'feed', event) end
  call('ZREM', P .. 'feed', 'u ' .. thread)
  call('ZREM', P .. 'exp', thread)
  call('ZREM', P .. 'ends', thread)
  local origin = call('HGET', key('h', thread), 'ff')
  if origin then
    call('ZREM', key('fo', origin), thread)
    call('HDEL', key('h', thread), 'ff')
  end
  unlist(thread)
  local origins = {}
  for _, name in ipairs(call('HKEYS', key('f', thread))) do origins[exclude(thread, name)] = true end
  for _, kind in ipairs({ 'w', 'o', 'k', 'e', 'r', 'ro', 's', 'so', 'u' }) do
    call('UNLINK', key(kind, thread))
  end
  local isShown = sweepGone(thread)
  releaseIds(thread)
  sweepOrigins(origins)
  return isShown
end

-- Removes a session thread whose time is over. Its id is free again, unless forks still show some of it.
local function reap(thread)
  local head = key('h', thread)
  local kept = call('HMGET', head, 'v', 'y', 'n')
  local isShown = purge(thread)
  call('UNLINK', head)
  if isShown then
    call('HSET', head, 'v', kept[1], 'p', kept[2], 'n', kept[3], 'z', '1', 'zt', int(now()))
  else
    call('ZREM', P .. 'threads', thread)
  end
end

local function reapDue(limit)
  local due = call('ZRANGEBYSCORE', P .. 'exp', '-inf', int(now()), 'LIMIT', 0, limit)
  for _, thread in ipairs(due) do reap(thread) end
  return #due
end
`;
