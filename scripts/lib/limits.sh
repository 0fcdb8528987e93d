# shellcheck shell=bash disable=SC2154
# The limits' part of scripts/bench, which sets bin, work and the ports: how much of a limit is used, and how many requests
# are refused for coming too soon, by the count of the server.

limits_seconds=60
limits_missed=0

# Runs the enqueued batch "bench" with COUNT processes until the server has been asked for a minute.
limits_run() { # URL COUNT ARGUMENT…
    local url=$1 count=$2 pids=() pid
    shift 2
    for _ in $(seq "$count"); do
        OPENAI_API_KEY=bench OPENAI_BASE_URL=$url "$bin/parley" run bench -d "$work/limits.db" --concurrency 64 --json \
            "$@" >"$work/limits.json" 2>"$work/limits.log" &
        pids+=($!)
    done
    sleep "$((limits_seconds + 4))"
    kill -INT "${pids[@]}" 2>/dev/null || true
    for pid in "${pids[@]}"; do wait "$pid" || true; done
}

# A line of the table, and whether it is as good as was promised.
limits_row() { # NAME USED REFUSED USED-MIN REFUSED-MAX, in percent
    awk -v name="$1" -v used="$2" -v refused="$3" -v least="$4" -v most="$5" 'BEGIN {
        printf "  %-58s %6.1f %% used (at least %d)   %5.2f %% refused (at most %.1f)\n", name, used, least, refused, most
        exit used < least || refused > most }' || limits_missed=1
}

# What nginx has let through and refused between two moments of the run, in percent: of what the limit lets through, and of all.
limits_count() { # FROM TO, in seconds after the first request
    awk -v from="$1" -v to="$2" '
        NR == 1 { begin = $1 }
        $1 >= begin + from && $1 < begin + to { if ($2 == 200) taken++; else refused++ }
        END { printf "%.3f %.3f\n", 100 * taken / (50 * (to - from)), 100 * refused / (taken + refused) }' "$work/limited.log"
}

limits_enqueue() { # COUNT ARGUMENT…
    rm -f "$work"/limits.db*
    questions "$1" "$work/questions.csv"
    shift
    OPENAI_API_KEY=bench "$bin/parley" enqueue "$work/questions.csv" -d "$work/limits.db" -m openai/sim-small --batch bench -q "$@"
}

limits_nginx() { # NAME COUNT ARGUMENT…
    local name=$1 count=$2 used refused
    shift 2
    limits_enqueue 5000
    : >"$work/limited.log"
    limits_run "http://127.0.0.1:$limited_port/v1" "$count" "$@"
    read -r used refused < <(limits_count 0 "$limits_seconds")
    if [ $# -gt 0 ]; then
        limits_row "$name" "$used" "$refused" 98 0.1
    else
        awk -v name="$name" -v used="$used" -v refused="$refused" 'BEGIN {
            printf "  %-58s %6.1f %% used                 %5.2f %% refused\n", name, used, refused }'
        read -r used refused < <(limits_count 30 "$limits_seconds")
        limits_row "$name, after 30 s" "$used" "$refused" 90 1
    fi
    sleep 2 # the server forgets
}

# Limits of requests and of tokens together: the simulator counts both, and tells them with each answer.
limits_simulator() { # NAME COUNT RPM TPM ARGUMENT…
    local name=$1 count=$2 rpm=$3 tpm=$4 server begin
    shift 4
    "$bin/parley" simulate --port "$limits_simulator_port" --rpm "$rpm" --tpm "$tpm" --latency-ms 300 >"$work/simulator.log" 2>&1 &
    server=$!
    for _ in $(seq 50); do
        (exec 3<>"/dev/tcp/127.0.0.1/$limits_simulator_port") 2>/dev/null && break
        sleep 0.1
    done
    limits_enqueue 5000 --max-tokens 200
    limits_run "http://127.0.0.1:$limits_simulator_port/v1" "$count" "$@"
    kill -INT "$server"
    wait "$server" || true
    begin=$(sqlite3 "$work/limits.db" "SELECT min(sent_at) FROM attempts")
    read -r requests tokens refused < <(sqlite3 -separator ' ' "$work/limits.db" "
        WITH sent AS (SELECT * FROM attempts WHERE sent_at < $begin + $limits_seconds * 1000)
        SELECT 100.0 * (SELECT count(*) FROM sent) / $rpm,
            100.0 * (SELECT sum(input_uncached + cache_read + cache_write_5m + cache_write_1h + output) FROM token_usage JOIN sent ON sent.id = attempt_id) / $tpm,
            100.0 * (SELECT count(*) FROM failed_requests) / (SELECT count(*) FROM sent)")
    printf '  %-58s %6.1f %% of the requests, %.1f %% of the tokens\n' "$name" "$requests" "$tokens"
    limits_row "$name, the nearer one" "$(awk "BEGIN { print ($requests > $tokens) ? $requests : $tokens }")" "$refused" 98 0.1
}

limits() {
    limited_port=$((port + 2))
    limits_simulator_port=$((port + 3))
    prepare
    start_server
    say "limits: nginx lets 50 requests a second through and one in a row too soon (limit_req burst=1), a minute each"
    limits_nginx "told, one process" 1 --rpm 3000
    limits_nginx "told, two processes" 2 --rpm 3000
    limits_nginx "told nothing, one process" 1
    limits_nginx "told nothing, two processes" 2
    say "limits: the simulator counts requests and tokens, a minute each"
    limits_simulator "told, one process" 1 3000 200000 --rpm 3000 --tpm 200000
    limits_simulator "told, two processes" 2 3000 200000 --rpm 3000 --tpm 200000
    limits_simulator "heard from its answers, one process" 1 3000 60000
    limits_simulator "heard from its answers, two processes" 2 3000 60000
    [ "$limits_missed" = 0 ] || { echo "scripts/bench: a limit was used too little, or passed" >&2; exit 1; }
}
