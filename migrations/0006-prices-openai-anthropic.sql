-- Prices that parley comes with, part one: pico-dollars for each token.
--
-- The figures are those of the price map in litellm 1.109.1 (PyPI), standard tier, read on 2026-11-21; they are
-- taken to hold from 2026-11-01 on. `parley prices import` adds newer ones.
INSERT INTO prices (
    provider, model, input, output, cache_read, cache_write_5m, cache_write_1h, reasoning, tiers,
    context_tokens_max, output_tokens_max, effective_from, source)
SELECT *, 1793491200000, 'litellm 1.109.1, 2026-11-21' FROM (VALUES
    ('openai', 'gpt-4o', 2500000, 10000000, 1250000, NULL, NULL, NULL, '[]', 128000, 16384),
    ('openai', 'gpt-4o-mini', 150000, 600000, 75000, NULL, NULL, NULL, '[]', 128000, 16384),
    ('openai', 'gpt-4.1', 2000000, 8000000, 500000, NULL, NULL, NULL, '[]', 1047576, 32768),
    ('openai', 'gpt-4.1-mini', 400000, 1600000, 100000, NULL, NULL, NULL, '[]', 1047576, 32768),
    ('openai', 'gpt-4.1-nano', 100000, 400000, 25000, NULL, NULL, NULL, '[]', 1047576, 32768),
    ('openai', 'gpt-5', 1250000, 10000000, 125000, NULL, NULL, NULL, '[]', 272000, 128000),
    ('openai', 'gpt-5-mini', 250000, 2000000, 25000, NULL, NULL, NULL, '[]', 272000, 128000),
    ('openai', 'gpt-5-nano', 50000, 400000, 5000, NULL, NULL, NULL, '[]', 272000, 128000),
    ('openai', 'gpt-5.1', 1250000, 10000000, 125000, NULL, NULL, NULL, '[]', 272000, 128000),
    ('openai', 'gpt-5.2', 1750000, 14000000, 175000, NULL, NULL, NULL, '[]', 272000, 128000),
    ('openai', 'gpt-5.4', 2500000, 15000000, 250000, NULL, NULL, NULL, '[{"input_above":272000,"input":5000000,"output":22500000,"cache_read":500000}]', 1050000, 128000),
    ('openai', 'gpt-5.4-mini', 750000, 4500000, 75000, NULL, NULL, NULL, '[]', 272000, 128000),
    ('openai', 'gpt-5.4-nano', 200000, 1250000, 20000, NULL, NULL, NULL, '[]', 272000, 128000),
    ('openai', 'gpt-5.5', 5000000, 30000000, 500000, NULL, NULL, NULL, '[{"input_above":272000,"input":10000000,"output":45000000,"cache_read":1000000}]', 1050000, 128000),
    ('openai', 'gpt-5.6', 4000000, 20000000, 400000, 5000000, NULL, NULL, '[{"input_above":272000,"input":8000000,"output":30000000,"cache_read":800000,"cache_write_5m":10000000}]', 922000, 128000),
    ('openai', 'gpt-5.6-terra', 2000000, 12000000, 200000, 2500000, NULL, NULL, '[{"input_above":272000,"input":4000000,"output":18000000,"cache_read":400000,"cache_write_5m":5000000}]', 922000, 128000),
    ('openai', 'gpt-5.6-luna', 200000, 1200000, 20000, 250000, NULL, NULL, '[{"input_above":272000,"input":400000,"output":1800000,"cache_read":40000,"cache_write_5m":500000}]', 922000, 128000),
    ('openai', 'gpt-6-astra', 10000000, 50000000, 1000000, 12500000, NULL, NULL, '[{"input_above":272000,"input":20000000,"output":75000000,"cache_read":2000000,"cache_write_5m":25000000}]', 922000, 128000),
    ('openai', 'gpt-6-sol', 2000000, 10000000, 200000, 2500000, NULL, NULL, '[{"input_above":272000,"input":4000000,"output":15000000,"cache_read":400000,"cache_write_5m":5000000}]', 922000, 128000),
    ('openai', 'gpt-6-luna', 100000, 500000, 10000, 125000, NULL, NULL, '[{"input_above":272000,"input":200000,"output":750000,"cache_read":20000,"cache_write_5m":250000}]', 922000, 128000),
    ('openai', 'gpt-6.1-sol', 2000000, 10000000, 100000, 2500000, NULL, NULL, '[{"input_above":272000,"input":4000000,"output":15000000,"cache_read":200000,"cache_write_5m":5000000}]', 922000, 128000),
    ('openai', 'gpt-6.1-terra', 1000000, 5000000, 50000, 1250000, NULL, NULL, '[{"input_above":272000,"input":2000000,"output":7500000,"cache_read":100000,"cache_write_5m":2500000}]', 922000, 128000),
    ('openai', 'o3', 2000000, 8000000, 500000, NULL, NULL, NULL, '[]', 200000, 100000),
    ('openai', 'o3-mini', 1100000, 4400000, 550000, NULL, NULL, NULL, '[]', 200000, 100000),
    ('openai', 'o4-mini', 1100000, 4400000, 275000, NULL, NULL, NULL, '[]', 200000, 100000),
    ('anthropic', 'claude-haiku-4-5', 1000000, 5000000, 100000, 1250000, 2000000, NULL, '[]', 200000, 64000),
    ('anthropic', 'claude-haiku-5-5', 100000, 500000, 10000, 125000, 200000, NULL, '[{"input_above":100000,"input":500000,"output":2500000,"cache_read":50000,"cache_write_5m":625000,"cache_write_1h":1000000}]', 1000000, 128000),
    ('anthropic', 'claude-sonnet-4-5', 3000000, 15000000, 300000, 3750000, 6000000, NULL, '[]', 200000, 64000),
    ('anthropic', 'claude-sonnet-4-6', 3000000, 15000000, 300000, 3750000, 6000000, NULL, '[]', 1000000, 128000),
    ('anthropic', 'claude-sonnet-5', 2000000, 10000000, 200000, 2500000, 4000000, NULL, '[]', 1000000, 128000),
    ('anthropic', 'claude-sonnet-5-5', 2000000, 10000000, 100000, 2500000, 4000000, NULL, '[]', 1000000, 128000),
    ('anthropic', 'claude-opus-4-5', 5000000, 25000000, 500000, 6250000, 10000000, NULL, '[]', 200000, 64000),
    ('anthropic', 'claude-opus-4-8', 5000000, 25000000, 500000, 6250000, 10000000, NULL, '[]', 1000000, 128000),
    ('anthropic', 'claude-opus-5', 5000000, 25000000, 500000, 6250000, 10000000, NULL, '[]', 1000000, 128000),
    ('anthropic', 'claude-opus-5-5', 4000000, 20000000, 200000, 5000000, 8000000, NULL, '[]', 1000000, 128000),
    ('anthropic', 'claude-fable-5-1', 10000000, 50000000, 250000, 12500000, 20000000, NULL, '[]', 1000000, 128000),
    ('anthropic', 'claude-mythos-5-1', 10000000, 50000000, 250000, 12500000, 20000000, NULL, '[]', 1000000, 128000)
);
