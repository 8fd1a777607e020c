#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| promql_engine::testing::fuzz::formats(data));
