use std::io::Write;
use std::net::{TcpListener, TcpStream, ToSocketAddrs, UdpSocket};

use crate::{word, Loot};

pub fn tcp_connect(words: &[String]) -> Loot {
    let mut stream = TcpStream::connect(&words[0]).map_err(word)?;
    stream.write_all(b"stolen").map_err(word)?;
    Ok("a connection".into())
}

pub fn tcp_listen(words: &[String]) -> Loot {
    let listener = TcpListener::bind(&words[0]).map_err(word)?;
    Ok(listener.local_addr().map_err(word)?.to_string())
}

pub fn udp_send(words: &[String]) -> Loot {
    let socket = UdpSocket::bind("127.0.0.1:0").map_err(word)?;
    socket.send_to(b"stolen", &words[0]).map_err(word)?;
    Ok("a datagram out".into())
}

pub fn resolve(words: &[String]) -> Loot {
    let found: Vec<_> = words[0].to_socket_addrs().map_err(word)?.collect();
    Ok(format!("{found:?}"))
}

#[cfg(unix)]
pub fn unix_connect(words: &[String]) -> Loot {
    let mut stream = std::os::unix::net::UnixStream::connect(&words[0]).map_err(word)?;
    stream.write_all(b"stolen").map_err(word)?;
    Ok("a connection".into())
}

/// All that WASI has to do with a local socket is its file.
#[cfg(target_os = "wasi")]
pub fn unix_connect(words: &[String]) -> Loot {
    crate::files::read_file(words)
}

/// Any descriptor that might be a socket.
#[cfg(unix)]
pub fn raw_sockets(_: &[String]) -> Loot {
    extern "C" {
        fn socket(family: i32, kind: i32, protocol: i32) -> i32;
    }
    // SAFETY: plain numbers.
    let fd = unsafe { socket(16, 3, 0) };
    if fd < 0 {
        Err("none".into())
    } else {
        Ok(format!("netlink socket {fd}"))
    }
}

#[cfg(target_os = "wasi")]
pub fn raw_sockets(_: &[String]) -> Loot {
    #[link(wasm_import_module = "wasi_snapshot_preview1")]
    extern "C" {
        fn sock_send(fd: u32, data: *const [u32; 2], count: u32, flags: u32, n: *mut u32) -> u32;
        fn sock_accept(fd: u32, flags: u32, new: *mut u32) -> u32;
    }
    let bytes = *b"stolen";
    let (vector, mut n) = ([bytes.as_ptr() as u32, 6], 0);
    for fd in 0..1100 {
        // SAFETY: the vector is as long as said.
        let sent = unsafe { sock_send(fd, &vector, 1, 0, &mut n) };
        // SAFETY: plain numbers.
        let accepted = unsafe { sock_accept(fd, 0, &mut n) };
        if sent == 0 || accepted == 0 {
            return Ok(format!("descriptor {fd}"));
        }
    }
    Err("no socket among 1100 descriptors".into())
}
