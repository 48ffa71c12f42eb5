#![no_main]

use escucha_fuzz::{notice_panics, robots};

libfuzzer_sys::fuzz_target!(init: notice_panics(), |data: &[u8]| robots(data));
