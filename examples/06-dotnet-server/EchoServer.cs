using System;
using System.Collections.Generic;
using System.Net;
using System.Net.Sockets;
using System.Threading.Tasks;

/// <summary>Sends back what each connection sends, on a socket that Node.js has bound from a reservation.</summary>
public class EchoServer
{
    private static Socket? server;

    /// <summary>Takes the socket over and answers at once; gives the port.</summary>
    public Task<object> Start(IDictionary<string, object> input)
    {
        server = Open((IDictionary<string, object>)input["socket"]);
        _ = AcceptAll(server);
        return Task.FromResult<object>(((IPEndPoint)server.LocalEndPoint!).Port);
    }

    /// <summary>Closes the socket, so that its port goes back to the block.</summary>
    public Task<object> Stop(object input)
    {
        server?.Dispose();
        return Task.FromResult<object>(true);
    }

    /// <summary>The socket that handOver gives: on Windows a SocketInformation, elsewhere a descriptor.</summary>
    internal static Socket Open(IDictionary<string, object> socket)
    {
        if (!OperatingSystem.IsWindows())
        {
            return new Socket(new SafeSocketHandle(nint.Parse((string)socket["descriptor"]), ownsHandle: true));
        }
        return new Socket(new SocketInformation
        {
            ProtocolInformation = (byte[])socket["protocolInformation"],
            Options = (SocketInformationOptions)socket["options"],
        });
    }

    private static async Task AcceptAll(Socket server)
    {
        try
        {
            while (true) _ = Echo(await server.AcceptAsync());
        }
        catch (SocketException)
        {
            // It was closed.
        }
    }

    private static async Task Echo(Socket connection)
    {
        using var stream = new NetworkStream(connection, ownsSocket: true);
        await stream.CopyToAsync(stream);
    }
}
