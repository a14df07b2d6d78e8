/** Adds chunks to open messages. Repeated because its answer was lost, it leaves out what is there. */
export const APPEND_CHUNKS: string = String.raw`
local thread, isRepeated = arg(), arg() == '1'
if not headOf(thread) then return 0 end
for _ = 1, number() do
  local id, chunk = arg(), arg()
  if call('SISMEMBER', key('o', thread), id) == 1 and not isRedacted(thread, id) then
    local chunks = key('c', pair(id, thread))
    if not (isRepeated and call('LPOS', chunks, chunk, 'RANK', -1, 'MAXLEN', 1000)) then
      call('RPUSH', chunks, chunk)
    end
  end
end
prolong(thread)
return 1
`;

export const LIST_CHUNKS: string = String.raw`
local thread, id = arg(), arg()
if not headOf(thread) then return {} end
return call('LRANGE', key('c', pair(id, thread)), 0, -1)
`;

/** Unused bytes go after a week. */
export const PUT_BLOB: string = String.raw`
local sha, info, bytes, user = arg(), arg(), arg(), arg()
local blob, uploads = key('bb', sha), key('bu', sha)
call('HSETNX', blob, 'info', info)
call('HSETNX', blob, 'bytes', bytes)
call('HSET', uploads, user, int(now()))
call('PEXPIRE', uploads, DAY_MS)
if call('SCARD', key('bt', sha)) == 0 then
  call('PEXPIRE', blob, UNUSED_BLOB_MS)
else
  call('PERSIST', blob)
end
return 1
`;

export const LOAD_BLOB: string = String.raw`
local sha, user, time = arg(), arg(), number()
local function mayRead()
  local uploaded = call('HGET', key('bu', sha), user)
  if uploaded and time - tonumber(uploaded) < DAY_MS then return true end
  for _, name in ipairs(call('SMEMBERS', key('bt', sha))) do
    local thread, id = halves(name)
    -- What the log says of files has no record beside it.
    local isHeld = id:sub(1, 1) == '@' or recordOf(thread, id)
    if isHeld and canSee(thread, user) then return true end
    local field, record = anyRecordOf(thread, id)
    local segment, position = placeOf(field or '')
    local forks = segment and forksWith(thread, segment, position, record:sub(1, 1)) or {}
    for _, fork in ipairs(forks) do
      if canSee(fork, user) then return true end
    end
  end
  return false
end
if not mayRead() then return false end
local blob = call('HMGET', key('bb', sha), 'info', 'bytes')
return blob[1] and blob or false
`;

/** Takes the locks of several threads, all or none. */
export const LOCK: string = String.raw`
local token, ttl, count = arg(), arg(), number()
local threads = {}
for i = 1, count do
  threads[i] = arg()
  local lock = call('GET', key('x', threads[i]))
  if lock and lock ~= token then return 0 end
end
for _, thread in ipairs(threads) do call('SET', key('x', thread), token, 'PX', ttl) end
return 1
`;

export const UNLOCK: string = String.raw`
local token = arg()
for _ = 1, number() do
  local lock = key('x', arg())
  if call('GET', lock) == token then call('DEL', lock) end
end
return 1
`;

/** Removes session threads whose time is over, a bounded number of them. */
export const REAP: string = String.raw`
return reapDue(number())
`;

/** Store-wide: who this is, written so that it is proved that writing works. A store that lost data gets a new epoch. */
export const IDENTIFY: string = String.raw`
local storeId, epoch, schema, server, keeps = arg(), arg(), number(), arg(), arg() == '1'
local meta = P .. 'meta'
local known = call('HMGET', meta, 'store', 'epoch', 'schema', 'server')
if not known[1] then
  call('HSET', meta, 'store', storeId, 'epoch', epoch, 'schema', schema, 'server', server)
  return { storeId, epoch, schema }
end
if tonumber(known[3]) > schema then return { known[1], known[2], tonumber(known[3]) } end
if known[4] ~= server and not keeps then
  call('HSET', meta, 'epoch', epoch)
  known[2] = epoch
end
call('HSET', meta, 'server', server)
return { known[1], known[2], tonumber(known[3]) }
`;

/** Store-wide: a sign of life. Answers the server's time. */
export const BEAT: string = String.raw`
local instance, process, ttl = arg(), arg(), arg()
call('SET', key('alive', instance), process, 'PX', ttl)
return int(now())
`;

/** Store-wide: a lease, on the server's clock, with a fence that grows over all leases. */
export const ACQUIRE: string = String.raw`
local name, holder, ttl, instance = arg(), arg(), number(), arg()
local lease = key('lease', name)
local present = call('HMGET', lease, 'holder', 'fence', 'ends', 'instance')
local isTaken = present[1] and tonumber(present[3]) > now()
  and call('EXISTS', key('alive', present[4])) == 1
if isTaken and present[1] ~= holder then return { 0, present[1], present[2], present[3] } end
local fence = isTaken and present[2] or int(call('INCR', P .. 'fence'))
local ends = int(now() + ttl)
call('HSET', lease, 'holder', holder, 'fence', fence, 'ends', ends, 'instance', instance)
call('PEXPIREAT', lease, ends)
return { 1, holder, fence, ends }
`;

export const RELEASE: string = String.raw`
local name, holder, fence = arg(), arg(), arg()
local lease = key('lease', name)
local present = call('HMGET', lease, 'holder', 'fence')
if present[1] == holder and present[2] == fence then call('DEL', lease) end
return 1
`;
