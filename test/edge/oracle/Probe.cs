using System;
using System.Collections.Generic;
using System.Net.Sockets;
using System.Threading.Tasks;

/// <summary>What edge-js does with values, exceptions and sockets.</summary>
public class Probe
{
    private static Socket? taken;

    /// <summary>Type and value of what arrived.</summary>
    public Task<object> Describe(object? input) => Result(input switch
    {
        null => "null",
        byte[] bytes => $"byte[] {Convert.ToHexString(bytes)}",
        IDictionary<string, object> members => $"object {string.Join(", ", members.Keys)}",
        _ => $"{input.GetType().Name} {input}",
    });

    public Task<object> UInt64(string input) => Result(ulong.Parse(input));

    public Task<object> Nested(string input) => Result(new { list = new object[] { 1, long.Parse(input) } });

    public Task<object> Real(object input) => Result(1e300);

    public Task<object> Throw(string input) => throw new InvalidOperationException(input);

    public async Task<object> ThrowLater(string input)
    {
        await Task.Yield();
        throw new InvalidOperationException(input);
    }

    /// <summary>Takes a socket over; gives the endpoint, and whether .NET thinks that it listens.</summary>
    public Task<object> Take(IDictionary<string, object> input)
    {
        taken = EchoServer.Open((IDictionary<string, object>)input["socket"]);
        return Result(new { endPoint = $"{taken.LocalEndPoint}", protocol = $"{taken.ProtocolType}", note = input["note"] });
    }

    /// <summary>Takes no socket, and answers with what cannot be told.</summary>
    public Task<object> FailWithSocket(IDictionary<string, object> input) => Result(ulong.MaxValue - 2);

    public Task<object> Close(object? input)
    {
        taken?.Dispose();
        return Result(true);
    }

    private static Task<object> Result(object value) => Task.FromResult(value);
}
