using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Threading.Tasks;
using static Native;

/// <summary>Calls the functions for edge-js. Ports in host byte order, tokens and sockets as text; errors are codes.</summary>
public unsafe class Oracle
{
    public Task<object> Load(IDictionary<string, object> input)
    {
        Native.Load((string)input["iphlpapi"], (string)input["ws2_32"]);
        return Result(true);
    }

    public Task<object> Create(IDictionary<string, object> input)
    {
        ulong token = 0;
        var (tcp, start, count) = Block(input);
        var error = tcp ? CreatePersistentTcpPortReservation(start, count, &token) : CreatePersistentUdpPortReservation(start, count, &token);
        return Result(new { error = (int)error, token = $"{token}" });
    }

    public Task<object> Lookup(IDictionary<string, object> input)
    {
        ulong token = 0;
        var (tcp, start, count) = Block(input);
        var error = tcp ? LookupPersistentTcpPortReservation(start, count, &token) : LookupPersistentUdpPortReservation(start, count, &token);
        return Result(new { error = (int)error, token = $"{token}" });
    }

    public Task<object> Delete(IDictionary<string, object> input)
    {
        var (tcp, start, count) = Block(input);
        var error = tcp ? DeletePersistentTcpPortReservation(start, count) : DeletePersistentUdpPortReservation(start, count);
        return Result(new { error = (int)error });
    }

    public Task<object> Acquire(IDictionary<string, object> input)
    {
        var range = new INET_PORT_RANGE { StartPort = NetworkOrder(input["startPort"]), NumberOfPorts = (ushort)(int)input["numberOfPorts"] };
        INET_PORT_RESERVATION_INSTANCE instance = default;
        uint returned = 0;
        var result = WSAIoctl(Socket(input), SIO_ACQUIRE_PORT_RESERVATION, &range, (uint)sizeof(INET_PORT_RANGE),
            &instance, Size(input, "outputSize", sizeof(INET_PORT_RESERVATION_INSTANCE)), &returned, null, null);
        var error = result == 0 ? 0 : WSAGetLastError();
        return Result(new
        {
            error, bytesReturned = (int)returned, token = $"{instance.Token.Token}",
            startPort = (int)HostOrder(instance.Reservation.StartPort), numberOfPorts = (int)instance.Reservation.NumberOfPorts,
        });
    }

    public Task<object> Release(IDictionary<string, object> input) => WithToken(SIO_RELEASE_PORT_RESERVATION, input);

    public Task<object> Associate(IDictionary<string, object> input) => WithToken(SIO_ASSOCIATE_PORT_RESERVATION, input);

    /// <summary>Rows as text: address in hexadecimal digits, scope, port, process, and the number of the state, 0 for UDP.</summary>
    public Task<object> Endpoints(IDictionary<string, object> input)
    {
        bool tcp = IsTcp(input), four = (string)input["addressFamily"] == "IPv4";
        uint size = 0;
        byte[] table = [];
        uint error = ERROR_INSUFFICIENT_BUFFER;
        // The table may grow between two calls.
        for (var attempt = 0; attempt < 5 && error == ERROR_INSUFFICIENT_BUFFER; attempt++)
        {
            table = new byte[size + 4096];
            size = (uint)table.Length;
            fixed (byte* memory = table)
            {
                error = tcp ? GetExtendedTcpTable(memory, &size, 0, four ? AF_INET : AF_INET6, TCP_TABLE_OWNER_PID_ALL, 0)
                    : GetExtendedUdpTable(memory, &size, 0, four ? AF_INET : AF_INET6, UDP_TABLE_OWNER_PID, 0);
            }
        }
        var rows = error != 0 ? [] : (tcp, four) switch
        {
            (true, true) => Rows<MIB_TCPROW_OWNER_PID>(table, row => Text(Bytes(row.dwLocalAddr), 0, row.dwLocalPort, row.dwOwningPid, row.dwState)),
            (true, false) => Rows<MIB_TCP6ROW_OWNER_PID>(table, row => Text(new(row.ucLocalAddr, 16), row.dwLocalScopeId, row.dwLocalPort, row.dwOwningPid, row.dwState)),
            (false, true) => Rows<MIB_UDPROW_OWNER_PID>(table, row => Text(Bytes(row.dwLocalAddr), 0, row.dwLocalPort, row.dwOwningPid, 0)),
            (false, false) => Rows<MIB_UDP6ROW_OWNER_PID>(table, row => Text(new(row.ucLocalAddr, 16), row.dwLocalScopeId, row.dwLocalPort, row.dwOwningPid, 0)),
        };
        return Result(new { error = (int)error, rows });
    }

    private static Task<object> WithToken(uint code, IDictionary<string, object> input)
    {
        var token = new INET_PORT_RESERVATION_TOKEN { Token = ulong.Parse((string)input["token"]) };
        var output = stackalloc byte[64];
        var outputSize = Size(input, "outputSize", 0);
        uint returned = 0;
        var result = WSAIoctl(Socket(input), code, &token, Size(input, "inputSize", sizeof(INET_PORT_RESERVATION_TOKEN)),
            outputSize == 0 ? null : output, outputSize, &returned, null, null);
        var error = result == 0 ? 0 : WSAGetLastError();
        return Result(new { error, bytesReturned = (int)returned });
    }

    private static string[] Rows<Row>(byte[] table, Func<Row, string> text) where Row : unmanaged
    {
        var rows = MemoryMarshal.Cast<byte, Row>(table.AsSpan(sizeof(uint)));
        var result = new string[BitConverter.ToUInt32(table)];
        for (var index = 0; index < result.Length; index++) result[index] = text(rows[index]);
        return result;
    }

    private static ReadOnlySpan<byte> Bytes(uint address) => BitConverter.GetBytes(address);

    private static string Text(ReadOnlySpan<byte> address, uint scope, uint port, uint process, uint state) =>
        $"{Convert.ToHexStringLower(address)} {scope} {HostOrder((ushort)port)} {process} {state}";

    private static (bool Tcp, ushort Start, ushort Count) Block(IDictionary<string, object> input) =>
        (IsTcp(input), NetworkOrder(input["startPort"]), (ushort)(int)input["numberOfPorts"]);

    private static bool IsTcp(IDictionary<string, object> input) => (string)input["protocol"] == "tcp";

    private static nuint Socket(IDictionary<string, object> input) => nuint.Parse((string)input["socket"]);

    private static uint Size(IDictionary<string, object> input, string name, int otherwise) =>
        (uint)(input.TryGetValue(name, out var value) ? (int)value : otherwise);

    private static ushort NetworkOrder(object port) => HostOrder((ushort)(int)port);

    private static ushort HostOrder(ushort port) => BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(port) : port;

    private static Task<object> Result(object value) => Task.FromResult(value);
}
