# shellcheck shell=bash disable=SC2154
# The budget's part of scripts/bench, which sets bin and work: runs parley under a budget of one dollar and adds up what was
# spent, from the rows of the ledger and not from the sums that the wall itself keeps.

budget_usd=1
budget_over=0

# Picodollars that the database's rows add up to: spent, and spent with all that is reserved.
budget_sums() { # DATABASE
    sqlite3 -readonly -cmd '.timeout 10000' -separator ' ' "$1" "
        SELECT spent, spent + reserved FROM
            (SELECT coalesce(sum(cost_picodollars), 0) AS spent FROM token_usage),
            (SELECT coalesce(sum(reserved), 0) AS reserved FROM attempts)"
}

# One database, COUNT processes at once, each with CONCURRENCY requests in the air; prints a line, notes a spend above.
budget_run() { # NAME COUNT CONCURRENCY SEED
    local name=$1 count=$2 concurrency=$3 seed=$4 database="$work/budget.db"
    local pids=() statuses=() spent=0 most=0 seen jobs number
    rm -f "$database"*
    "$bin/parley" enqueue "$work/budget.csv" -d "$database" -m simulator/sim-large --max-tokens 64 --batch bench -q
    for number in $(seq "$count"); do
        PARLEY_SIMULATE_SEED=$((seed * 100 + number)) PARLEY_SIMULATE_LATENCY_MS=50 PARLEY_SIMULATE_JITTER=1 \
            "$bin/parley" run bench -d "$database" --budget "$budget_usd" --concurrency "$concurrency" --json \
            >"$work/budget-$number.json" 2>"$work/budget-$number.log" &
        pids+=($!)
    done
    while kill -0 "${pids[@]}" 2>/dev/null; do
        read -r _ seen < <(budget_sums "$database")
        [ "$seen" -le "$most" ] || most=$seen
        sleep 0.2
    done
    for number in "${!pids[@]}"; do
        wait "${pids[$number]}" && statuses+=(0) || statuses+=($?)
    done
    read -r spent seen < <(budget_sums "$database")
    [ "$seen" -le "$most" ] || most=$seen
    jobs=$(sqlite3 -readonly "$database" "SELECT count(*) FROM jobs WHERE state = 'done'")
    awk -v name="$name" -v spent="$spent" -v most="$most" -v jobs="$jobs" -v status="${statuses[*]}" \
        -v budget="$budget_usd" 'BEGIN {
        spent /= 1e12; most /= 1e12
        printf "  %-22s spent $%.6f of $%.2f, $%.6f (%.3f %%) below; at most $%.6f with what was reserved; %d jobs, exit %s\n",
            name, spent, budget, budget - spent, 100 * (budget - spent) / budget, most, jobs, status }'
    if [ "$most" -gt "$((budget_usd * 1000000000000))" ]; then
        echo "  the budget was passed" >&2
        budget_over=1
    fi
}

budget_part() {
    local number
    questions 10000 "$work/budget.csv"
    sed -i 's/What is \([0-9]*\) + [0-9]*?[^"]*/Tell me what you know about number \1, at whatever length you like./' "$work/budget.csv"
    say "budget: \$$budget_usd on 10,000 jobs, 256 at once, twenty runs"
    for number in $(seq 20); do budget_run "run $number" 1 256 "$number"; done
    say "budget: the same with four processes of 64 at once, five times"
    for number in $(seq 5); do budget_run "four processes, $number" 4 64 "$((20 + number))"; done
    say "budget: the same while one request in twenty goes wrong, three times"
    export PARLEY_SIMULATE_ERROR_RATE=0.05 PARLEY_SIMULATE_STALL_MS=300 PARLEY_SIMULATE_RETRY_AFTER_MS=100
    for number in $(seq 3); do budget_run "with faults, $number" 4 64 "$((30 + number))"; done
    unset PARLEY_SIMULATE_ERROR_RATE PARLEY_SIMULATE_STALL_MS PARLEY_SIMULATE_RETRY_AFTER_MS
    [ "$budget_over" = 0 ] || { echo "scripts/bench: a budget was passed" >&2; exit 1; }
}
