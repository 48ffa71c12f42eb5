//! Which URLs and addresses may be reached: public ones on web ports, and what the operator allowed.
//!
//! Ranges after the IANA special-purpose registries. Absent here: looking names up (`dns`).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use super::FetchError;
use crate::settings::IpNetwork;

/// Longer URLs are refused: most servers refuse them too, and matching robots rules takes time.
pub(super) const URL_BYTES_MAX: usize = 8 << 10;

const PORTS: [u16; 4] = [80, 443, 8080, 8443];

/// What may be reached, asked at each hop and again for each address a name resolves to.
#[derive(Clone, Debug)]
pub(super) struct Guard {
    allow_private: Vec<IpNetwork>,
}

/// Who may be dialled for a checked URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// A port of the list: public and allowed addresses.
    Public,
    /// Another port: only addresses in `allow_private`.
    Allowed,
}

/// Why an address is not dialled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refused {
    #[error("the address is not public")]
    NotPublic,
    #[error("the port is not one of the web")]
    Port,
}

impl Guard {
    pub(super) fn new(allow_private: &[IpNetwork]) -> Self {
        Self {
            allow_private: allow_private.to_vec(),
        }
    }

    /// Checks all that can be known without a look-up. Names are checked when they are resolved.
    pub(super) fn check(&self, url: &Url) -> Result<Route, FetchError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(FetchError::Scheme(url.scheme().to_owned()));
        }
        if url.as_str().len() > URL_BYTES_MAX {
            return Err(FetchError::UrlTooLong);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(FetchError::Userinfo);
        }
        let port = url.port_or_known_default().unwrap_or(0);
        let route = if PORTS.contains(&port) {
            Route::Public
        } else {
            Route::Allowed
        };
        let literal = match url.host() {
            Some(Host::Ipv4(ip)) => IpAddr::V4(ip),
            Some(Host::Ipv6(ip)) => IpAddr::V6(ip),
            Some(Host::Domain(_)) | None => return Ok(route),
        };
        match self.admit(route, literal) {
            Ok(()) => Ok(route),
            Err(refused) => Err(refused.at(url)),
        }
    }

    /// What can be said of a name whose addresses are not known: where no network is allowed, none of
    /// them can be dialled on another port.
    pub(super) fn admit_unknown(&self, route: Route) -> Result<(), Refused> {
        match route {
            Route::Allowed if self.allow_private.is_empty() => Err(Refused::Port),
            Route::Allowed | Route::Public => Ok(()),
        }
    }

    /// Admits every address of a name or none: a mixed answer is an attack or a mistake.
    pub(super) fn admit_all(&self, route: Route, addresses: &[IpAddr]) -> Result<(), Refused> {
        addresses.iter().try_for_each(|ip| self.admit(route, *ip))
    }

    fn admit(&self, route: Route, ip: IpAddr) -> Result<(), Refused> {
        let ip = ip.to_canonical();
        if self.allow_private.iter().any(|net| net.contains(ip)) {
            Ok(())
        } else if !is_public(ip) {
            Err(Refused::NotPublic)
        } else if route == Route::Allowed {
            Err(Refused::Port)
        } else {
            Ok(())
        }
    }
}

impl Refused {
    pub(super) fn at(self, url: &Url) -> FetchError {
        match self {
            Self::NotPublic => FetchError::AddressNotPublic(host_text(url)),
            Self::Port => FetchError::Port(url.port_or_known_default().unwrap_or(0)),
        }
    }
}

/// The host for messages; never the path, which may hold a token.
pub(super) fn host_text(url: &Url) -> String {
    url.host_str().unwrap_or("?").to_owned()
}

fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => !NOT_PUBLIC_V4.iter().any(|net| net.contains(IpAddr::V4(ip))),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

/// Only 2000::/3 is global unicast; of it, documentation and the tunnels that can hide any IPv4
/// address are left out. NAT64 is judged by the IPv4 address within, since networks with IPv6 alone
/// reach the whole IPv4 world through it.
fn is_public_v6(ip: Ipv6Addr) -> bool {
    let address = IpAddr::V6(ip);
    if NAT64.contains(address) {
        return is_public(IpAddr::V4(Ipv4Addr::from_bits(ip.to_bits() as u32)));
    }
    GLOBAL_V6.contains(address) && !NOT_PUBLIC_V6.iter().any(|net| net.contains(address))
}

const NOT_PUBLIC_V4: [IpNetwork; 16] = [
    v4(0, 0, 0, 0, 8),
    v4(10, 0, 0, 0, 8),
    v4(100, 64, 0, 0, 10),
    v4(127, 0, 0, 0, 8),
    // Azure's "wire server" answers guests here, on an address that is public by its number.
    v4(168, 63, 129, 16, 32),
    v4(169, 254, 0, 0, 16),
    v4(172, 16, 0, 0, 12),
    v4(192, 0, 0, 0, 24),
    v4(192, 0, 2, 0, 24),
    v4(192, 88, 99, 0, 24),
    v4(192, 168, 0, 0, 16),
    v4(198, 18, 0, 0, 15),
    v4(198, 51, 100, 0, 24),
    v4(203, 0, 113, 0, 24),
    v4(224, 0, 0, 0, 4),
    v4(240, 0, 0, 0, 4),
];

const GLOBAL_V6: IpNetwork = v6(0x2000 << 112, 3);
const NAT64: IpNetwork = v6(0x0064_ff9b << 96, 96);

const NOT_PUBLIC_V6: [IpNetwork; 4] = [
    // IETF assignments, Teredo (2001::/32) among them.
    v6(0x2001 << 112, 23),
    v6(0x2001_0db8 << 96, 32),
    // 6to4.
    v6(0x2002 << 112, 16),
    v6(0x3fff << 112, 20),
];

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> IpNetwork {
    IpNetwork {
        address: IpAddr::V4(Ipv4Addr::new(a, b, c, d)),
        prefix,
    }
}

const fn v6(bits: u128, prefix: u8) -> IpNetwork {
    IpNetwork {
        address: IpAddr::V6(Ipv6Addr::from_bits(bits)),
        prefix,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, expected: &str) {
        let allow = ["10.9.0.0/16", "fd00:9::/32"].map(|net| IpNetwork::parse(net).unwrap());
        let url = Url::parse(url).unwrap();
        let found = match Guard::new(&allow).check(&url) {
            Ok(Route::Public) => "public",
            Ok(Route::Allowed) => "allowed",
            Err(error) => error.code(),
        };
        assert_eq!(found, expected, "{url}");
    }

    #[test]
    fn public_literals_and_names_pass() {
        check("http://93.184.216.34/", "public");
        check("https://[2606:4700::1111]/", "public");
        check("https://[2a00:1450:4003:80f::200e]:8443/", "public");
        check("http://[::ffff:93.184.216.34]:8080/", "public");
        check("http://[64:ff9b::5db8:d822]/", "public"); // NAT64 of 93.184.216.34
        check("https://xn--d1acpjx3f.xn--p1ai/", "public");
        check("http://172.32.0.1/", "public");
        check("http://168.63.129.17/", "public");
        check("http://ejemplo.test:9000/", "allowed"); // decided when its addresses are known
    }

    #[test]
    fn what_the_operator_allowed_passes_on_any_port() {
        check("http://10.9.8.7:9000/", "allowed");
        check("http://[::ffff:10.9.8.7]:9000/", "allowed");
        check("http://[fd00:9::1]:25/", "allowed");
        check("http://10.8.0.1/", "address-not-public");
    }

    #[test]
    fn other_schemes_ports_and_users_are_refused() {
        check("ftp://93.184.216.34/", "scheme");
        check("http://93.184.216.34:22/", "port");
        check("http://yo@ejemplo.test/", "userinfo");
        check("http://:clave@ejemplo.test/", "userinfo");
        check(
            &format!("http://ejemplo.test/{}", "a".repeat(URL_BYTES_MAX)),
            "url-too-long",
        );
    }

    #[test]
    fn every_special_range_is_refused_to_its_ends() {
        for ip in [
            "0.0.0.0 0.255.255.255 10.0.0.0 10.255.255.255 100.64.0.0 100.127.255.255 127.0.0.1",
            "127.255.255.255 168.63.129.16 169.254.0.0 169.254.255.255 172.16.0.0 172.31.255.255",
            "192.0.0.0 192.0.0.255 192.0.2.1 192.88.99.1 192.168.0.0 192.168.255.255 198.18.0.0",
            "198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1",
            "255.255.255.255",
        ]
        .join(" ")
        .split(' ')
        {
            check(&format!("http://{ip}/"), "address-not-public");
            check(&format!("http://[::ffff:{ip}]/"), "address-not-public");
            check(&format!("http://[::{ip}]/"), "address-not-public");
            check(&format!("http://[::ffff:0:{ip}]/"), "address-not-public");
            check(&format!("http://[64:ff9b::{ip}]/"), "address-not-public");
        }
        for ip in [
            ":: ::1 64:ff9b:1::7f00:1 100::1 2001::1 2001:1ff::1 2001:db8::1 2002:7f00:1:: 3fff::1",
            "5f00::1 fc00::1 fd00:ec2::254 fe80::1 fec0::1 ff02::1 4000::1",
        ]
        .join(" ")
        .split(' ')
        {
            check(&format!("http://[{ip}]/"), "address-not-public");
        }
    }

    #[test]
    fn a_mixed_answer_is_refused_whole() {
        let public: IpAddr = "93.184.216.34".parse().unwrap();
        let private: IpAddr = "10.0.0.1".parse().unwrap();
        let guard = Guard::new(&[]);
        assert_eq!(guard.admit_all(Route::Public, &[public]), Ok(()));
        assert_eq!(
            guard.admit_all(Route::Public, &[public, private]),
            Err(Refused::NotPublic)
        );
        assert_eq!(
            guard.admit_all(Route::Allowed, &[public]),
            Err(Refused::Port)
        );
    }
}
