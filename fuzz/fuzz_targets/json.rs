#![no_main]

use escucha_fuzz::{json, notice_panics};

libfuzzer_sys::fuzz_target!(init: notice_panics(), |data: &[u8]| json(data));
