import Crypto
import GRDB
import GRDBSQLite
