"""Sorts the samples of `perf script -F comm,ip,sym,dso` by what the processor's time went into.

    profile.py JOBS

Each sample counts once. Time in the kernel is told apart by what was asked of it; memory and the turns of tasks are counted
where they occur, whoever caused them; all else belongs to the innermost function that says what it is for. The names are the
linker's: `$s` and the length and name of the module in which a function stands.
"""

import re
import sys
from collections import Counter

FREQUENCY = 1999

KERNEL = [
    ("kernel: flush to the disk", re.compile(r"fsync|fdatasync|__x64_sys_sync")),
    ("kernel: files", re.compile(r"pwrite|pread|ksys_write.*ext4|ext4_|vfs_fallocate|ftruncate|fcntl|flock|sys_mmap|munmap")),
    ("kernel: network", re.compile(r"tcp_|sock_|inet_|__sys_send|__sys_recv|sock_write|sys_connect|epoll")),
    ("kernel: threads that wait and wake", re.compile(r"futex|eventfd|schedule|sched_")),
    ("kernel: memory", re.compile(r"page_fault|do_mmap|madvise|brk")),
]

MEMORY = re.compile(
    r"^(_?_?(int_)?(malloc|free|calloc|realloc|memalign)|cfree|unlink_chunk|malloc_|__libc_|_int_|sysmalloc|tcache|"
    r"swift_(retain|release|alloc|dealloc|bridgeObject|slow|initStack|isUniquely|unknownObject|weak|"
    r"unowned|arrayDestroy|arrayInit)|_swift_release|_swift_retain|swift::RefCount|swift::SwiftRefCount|_ZN5swift8RefCounts|"
    r"_ZN5swift.*doDecrement|__mem|__GI___lib.*alloc|operator new|operator delete)")

# The length stands in front so that `$s4JSON` is not found in `$s14JSON…`.
OWNERS = [
    ("SQLite", re.compile(r"^sqlite3|libsqlite3")),
    ("JSON", re.compile(r"10ParleyCore(4JSON|10JSONParser|10JSONWriter|11JSONSkimmer|9LooseJSON)|17OrderedCollections")),
    ("HTTP client (AsyncHTTPClient, NIO)",
     re.compile(r"15AsyncHTTPClient|7NIOCore|8NIOPosix|8NIOHTTP1|6NIOSSL|c_nio_|19NIOConcurrencyHelpers|7Tracing|7Logging")),
    ("provider stack: encode, decode, exchange", re.compile(r"13ProviderStack")),
    ("store: bind, group, answer", re.compile(r"17ConversationStore|4GRDB")),
    ("runner: jobs, limits, tally, digest", re.compile(r"13BatchExecutor|6parley|10ParleyCore|6Crypto|CCryptoBoringSSL")),
]
TASKS = re.compile(
    r"swift_task|swift_job|swift_continuation|AsyncTask|TaskAllocator|StackAllocator|_dispatch|swift_async|DefaultActor|"
    r"Continuation|libswift_Concurrency|libdispatch|JobPriority|TaskLocal|StatusRecord|runJob|__swift_run_job")
STARTUP = re.compile(r"_dl_|dl_main|_start_user|__libc_start_main")


def kind(frames):
    leaf, library = frames[0]
    if "kernel" in library:
        whole = " ".join(symbol for symbol, where in frames if "kernel" in where or where.endswith("libc.so.6"))
        return next((name for name, words in KERNEL if words.search(whole)), "kernel: else")
    if any("libsqlite3" in where for _, where in frames[:4]):
        return "SQLite"
    if MEMORY.search(leaf):
        return "memory: allocation, reference counts, copies"
    for symbol, where in frames:
        # A continuation of NIO's or ours is named with its module, too: the owners come first.
        for name, words in OWNERS:
            if words.search(symbol) or words.search(where):
                return name
        if TASKS.search(symbol) or TASKS.search(where):
            return "tasks: turns, continuations, queues"
        if STARTUP.search(symbol):
            return "start of the process"
    return "rest"


def samples(lines):
    frames = []
    for line in lines:
        if not line[:1].isspace():
            if frames:
                yield frames
            frames = []
            continue
        found = re.match(r"\s+[0-9a-f]+ (.*) \((.*)\)$", line.rstrip())
        if found:
            frames.append((found[1], found[2]))
    if frames:
        yield frames


def main():
    jobs = int(sys.argv[1])
    counts = Counter(kind(frames) for frames in samples(sys.stdin))
    total = sum(counts.values())
    for name, count in counts.most_common():
        print(f"  {name:46} {100 * count / total:5.1f} %   {count * 1e6 / FREQUENCY / jobs:6.1f} µs a job")
    print(f"  {'in all':46} {100:5.1f} %   {total * 1e6 / FREQUENCY / jobs:6.1f} µs a job")


main()
