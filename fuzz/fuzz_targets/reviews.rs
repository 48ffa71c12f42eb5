#![no_main]

use escucha_fuzz::{notice_panics, reviews};

libfuzzer_sys::fuzz_target!(init: notice_panics(), |data: &[u8]| reviews(data));
