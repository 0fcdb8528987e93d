import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import ParleyCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension WireError {
    /// Puts an error from before the answer's head into words. `exceeded` is the limit that set the deadline.
    init(opening error: any Error, limits: TimeLimits, origin: String, exceeded: TimeLimits.Exceeded) {
        if let error = error as? HTTPClientError {
            switch error {
            case .deadlineExceeded, .readTimeout: self = .timedOut(exceeded)
            case .connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout:
                self = .timedOut(.connect)
            case .cancelled: self = .cancelled
            case .remoteConnectionClosed:
                self = .hungUp("\(origin) closed the connection before it answered")
            case .alreadyShutdown: self = .cancelled
            default: self = .hungUp("\(origin) could not be asked (\(error.shortDescription))")
            }
        } else if error is CancellationError {
            self = .cancelled
        } else if let timeout = error as? ChannelError, case .connectTimeout = timeout {
            self = .timedOut(.connect)
        } else if error is HTTPParserError {
            self = .unreachable("\(origin) does not answer in HTTP")
        } else if let error = error as? IOError, Self.isHangUp(error.errnoCode) {
            self = .hungUp(Self.reason(for: error, origin: origin))
        } else {
            self = .unreachable(Self.reason(for: error, origin: origin))
        }
    }

    /// Puts an error from inside the answer's body into words.
    init(reading error: any Error) {
        switch error {
        case is CancellationError: self = .cancelled
        case let error as HTTPClientError where error == .cancelled: self = .cancelled
        case let error as HTTPClientError where error == .readTimeout: self = .timedOut(.idle)
        case is HTTPParserError, is HTTPClientError:
            self = .broken("the connection was closed in the middle of the answer")
        case let error as IOError:
            self = .broken(
                "the connection broke in the middle of the answer (\(Self.words(for: error.errnoCode)))")
        default:
            self = .broken("the connection broke in the middle of the answer")
        }
    }

    /// One sentence for why no connection came about.
    static func reason(for error: any Error, origin: String) -> String {
        switch error {
        case let error as NIOConnectionError:
            if let inner = error.connectionErrors.first?.error { return reason(for: inner, origin: origin) }
            if error.dnsAError != nil || error.dnsAAAAError != nil {
                return "there is no host \(error.host) (its name cannot be resolved)"
            }
            return "nobody answers at \(origin)"
        case let error as IOError:
            let words = words(for: error.errnoCode)
            return isHangUp(error.errnoCode)
                ? "\(origin) closed the connection before it answered (\(words))"
                : "nobody answers at \(origin) (\(words))"
        case ChannelError.connectTimeout:
            return "nobody answers at \(origin) (no connection in time)"
        case let error as NIOSSLError:
            return "no secure connection to \(origin) (\(words(for: error)))"
        case is NIOSSLExtraError, is BoringSSLError:
            return "no secure connection to \(origin) (its certificate is not for that host, or not trusted)"
        default:
            return "nobody answers at \(origin) (\(type(of: error)))"
        }
    }

    private static func words(for error: NIOSSLError) -> String {
        switch error {
        case .handshakeFailed:
            "the TLS handshake failed: it may not speak TLS, or its certificate is not trusted"
        case .uncleanShutdown: "it hung up during the TLS handshake"
        case .unableToValidateCertificate: "its certificate is not trusted"
        default: "TLS failed"
        }
    }

    private static func isHangUp(_ code: CInt) -> Bool { code == ECONNRESET || code == EPIPE }

    /// The system's words in lower case: `connection refused`.
    static func words(for code: CInt) -> String {
        strerror(code).map { String(cString: $0).lowercased() } ?? "error \(code)"
    }
}
