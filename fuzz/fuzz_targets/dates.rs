#![no_main]

use escucha_fuzz::{dates, notice_panics};

libfuzzer_sys::fuzz_target!(init: notice_panics(), |data: &[u8]| dates(data));
