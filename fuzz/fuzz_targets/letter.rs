#![no_main]

use escucha_fuzz::{letter, notice_panics};

libfuzzer_sys::fuzz_target!(init: notice_panics(), |data: &[u8]| letter(data));
