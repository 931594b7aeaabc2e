using System;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

/// <summary>
/// The functions, structures and constants as their pages on learn.microsoft.com declare them, and not as this project's
/// TypeScript does: what one of the two has wrong, the other shows.
/// </summary>
internal static unsafe partial class Native
{
    private const string Iphlpapi = "iphlpapi.dll";
    private const string Ws2_32 = "ws2_32.dll";
    private static string iphlpapiPath = "";
    private static string ws2_32Path = "";

    /// <summary>Loads exactly these files, which are loaded in this process already.</summary>
    public static void Load(string iphlpapi, string ws2_32)
    {
        (iphlpapiPath, ws2_32Path) = (iphlpapi, ws2_32);
        NativeLibrary.SetDllImportResolver(Assembly.GetExecutingAssembly(),
            (name, _, _) => NativeLibrary.Load(name == Iphlpapi ? iphlpapiPath : name == Ws2_32 ? ws2_32Path : throw new DllNotFoundException(name)));
        FindLastError();
    }

    /// <summary>On its first call, looking for the function would change the last error. It is looked for when its caller is compiled.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void FindLastError() => _ = WSAGetLastError();

    // iphlpapi.h. ULONG, USHORT StartPort "in network byte order", USHORT NumberOfPorts, PULONG64 Token.
    [DllImport(Iphlpapi)] public static extern uint CreatePersistentTcpPortReservation(ushort StartPort, ushort NumberOfPorts, ulong* Token);
    [DllImport(Iphlpapi)] public static extern uint CreatePersistentUdpPortReservation(ushort StartPort, ushort NumberOfPorts, ulong* Token);
    [DllImport(Iphlpapi)] public static extern uint LookupPersistentTcpPortReservation(ushort StartPort, ushort NumberOfPorts, ulong* Token);
    [DllImport(Iphlpapi)] public static extern uint LookupPersistentUdpPortReservation(ushort StartPort, ushort NumberOfPorts, ulong* Token);
    [DllImport(Iphlpapi)] public static extern uint DeletePersistentTcpPortReservation(ushort StartPort, ushort NumberOfPorts);
    [DllImport(Iphlpapi)] public static extern uint DeletePersistentUdpPortReservation(ushort StartPort, ushort NumberOfPorts);

    // DWORD (PVOID, PDWORD pdwSize, BOOL bOrder, ULONG ulAf, TCP_TABLE_CLASS or UDP_TABLE_CLASS, ULONG Reserved).
    [DllImport(Iphlpapi)] public static extern uint GetExtendedTcpTable(void* pTcpTable, uint* pdwSize, int bOrder, uint ulAf, int TableClass, uint Reserved);
    [DllImport(Iphlpapi)] public static extern uint GetExtendedUdpTable(void* pUdpTable, uint* pdwSize, int bOrder, uint ulAf, int TableClass, uint Reserved);
    public const int TCP_TABLE_OWNER_PID_ALL = 5;
    public const int UDP_TABLE_OWNER_PID = 1;
    public const uint ERROR_INSUFFICIENT_BUFFER = 122;
    public const uint AF_INET = 2, AF_INET6 = 23;

    // winsock2.h
    [DllImport(Ws2_32)] public static extern int WSAIoctl(nuint s, uint dwIoControlCode, void* lpvInBuffer, uint cbInBuffer,
        void* lpvOutBuffer, uint cbOutBuffer, uint* lpcbBytesReturned, void* lpOverlapped, void* lpCompletionRoutine);
    [DllImport(Ws2_32), SuppressGCTransition] public static extern int WSAGetLastError();

    // ws2def.h: _WSAIOW(x, y) is IOC_IN | x | y; mstcpip.h: the three codes are _WSAIOW(IOC_VENDOR, 100), 101 and 102.
    private const uint IOC_IN = 0x80000000, IOC_VENDOR = 0x18000000;
    public const uint SIO_ACQUIRE_PORT_RESERVATION = IOC_IN | IOC_VENDOR | 100;
    public const uint SIO_RELEASE_PORT_RESERVATION = IOC_IN | IOC_VENDOR | 101;
    public const uint SIO_ASSOCIATE_PORT_RESERVATION = IOC_IN | IOC_VENDOR | 102;
}

#pragma warning disable CS0649 // Windows writes them.

internal struct INET_PORT_RANGE
{
    public ushort StartPort;
    public ushort NumberOfPorts;
}

internal struct INET_PORT_RESERVATION_TOKEN
{
    public ulong Token;
}

internal struct INET_PORT_RESERVATION_INSTANCE
{
    public INET_PORT_RANGE Reservation;
    public INET_PORT_RESERVATION_TOKEN Token;
}

internal struct MIB_TCPROW_OWNER_PID
{
    public uint dwState, dwLocalAddr, dwLocalPort, dwRemoteAddr, dwRemotePort, dwOwningPid;
}

internal unsafe struct MIB_TCP6ROW_OWNER_PID
{
    public fixed byte ucLocalAddr[16];
    public uint dwLocalScopeId, dwLocalPort;
    public fixed byte ucRemoteAddr[16];
    public uint dwRemoteScopeId, dwRemotePort, dwState, dwOwningPid;
}

internal struct MIB_UDPROW_OWNER_PID
{
    public uint dwLocalAddr, dwLocalPort, dwOwningPid;
}

internal unsafe struct MIB_UDP6ROW_OWNER_PID
{
    public fixed byte ucLocalAddr[16];
    public uint dwLocalScopeId, dwLocalPort, dwOwningPid;
}
